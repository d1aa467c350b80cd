/* Linux interrupts: which is whose, where they go, how often they came. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

static char *interrupts(void)
{
	char *all = malloc(MOST_FILE);

	if (all == NULL || read_file("/proc/interrupts", all, MOST_FILE) < 0) {
		error(errno, "/proc/interrupts");
		free(all);
		return NULL;
	}
	return all;
}

/*
 * ` 23:  1  0  ITS-PCI-MSIX-0000:00:04.0  2 Edge  vfio-msix[2](0000:00:04.0)`:
 * the name is VFIO's, of 4.x to 6.12.
 */
void do_irqnum(const struct request *r)
{
	const char *address;
	char wanted[64];
	uint64_t vector;
	char *all, *found;
	int index;

	if (!bdf(r, 1, &address) || !kind(r, 2, &index) || !number(r, 3, MOST_VECTORS, &vector))
		return;
	all = interrupts();
	if (all == NULL)
		return;
	snprintf(wanted, sizeof wanted, "vfio-%s[%d](%s)", r->word[2], (int)vector, address);
	found = strstr(all, wanted);
	while (found != NULL && found > all && found[-1] != '\n')
		found--;
	if (found == NULL)
		error(ENOENT, wanted);
	else
		ok("%d", atoi(found));
	free(all);
}

static int mask_of(int irq, const char *file, char *to, size_t size)
{
	char path[80];

	snprintf(path, sizeof path, "/proc/irq/%d/%s", irq, file);
	return read_file(path, to, size);
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void do_msiirqs(const struct request *r)
{
	static int irqs[MOST_VECTORS];
	char path[128], cpus[256], effective[256];
	const char *address;
	struct dirent *entry;
	int count = 0;
	DIR *folder;

	if (!bdf(r, 1, &address))
		return;
	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s", address);
	if (access(path, F_OK) < 0) {
		error(errno, address);
		return;
	}
	/* The folder is there while the device has vectors. */
	strcat(path, "/msi_irqs");
	folder = opendir(path);
	if (folder == NULL) {
		ok("%s", "");
		return;
	}
	while ((entry = readdir(folder)) != NULL && count < MOST_VECTORS)
		if (isdigit((unsigned char)entry->d_name[0]))
			irqs[count++] = atoi(entry->d_name);
	closedir(folder);
	qsort(irqs, (size_t)count, sizeof *irqs, by_number);
	for (int i = 0; i < count; i++) {
		if (mask_of(irqs[i], "smp_affinity", cpus, sizeof cpus) < 0 ||
		    mask_of(irqs[i], "effective_affinity", effective, sizeof effective) < 0) {
			error(errno, "smp_affinity");
			return;
		}
		text("%d %s %s", irqs[i], cpus, effective);
	}
	ok("%s", "");
}

void do_eff(const struct request *r)
{
	char mask[256];
	uint64_t irq;

	if (!number(r, 1, INT32_MAX, &irq))
		return;
	if (mask_of((int)irq, "effective_affinity", mask, sizeof mask) < 0)
		error(errno, "effective_affinity");
	else
		ok("%s", mask);
}

void do_aff(const struct request *r)
{
	char path[80], mask[256];
	uint64_t irq;

	if (!number(r, 1, INT32_MAX, &irq))
		return;
	if (r->count != 3) {
		usage("aff IRQ MASK");
		return;
	}
	snprintf(path, sizeof path, "/proc/irq/%d/smp_affinity", (int)irq);
	if (write_file(path, r->word[2], 0) < 0)
		error(errno, "smp_affinity");
	else if (mask_of((int)irq, "effective_affinity", mask, sizeof mask) < 0)
		error(errno, "effective_affinity");
	else
		ok("eff=%s", mask);
}

/* `MSI` is in the chip's name of every kernel: ITS-MSI, ITS-PCI-MSIX-0000:00:04.0, MSI. */
static int of_interest(const char *line)
{
	return strstr(line, "MSI") != NULL || strstr(line, "vfio") != NULL;
}

/* Answers 0 after an error. */
int tell_interrupts(const char *mark, int everything)
{
	char *all = interrupts(), *rest = all, *line;

	if (all == NULL)
		return 0;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (everything || of_interest(line))
			text("%s%s", mark, line);
	free(all);
	return 1;
}

void do_counts(const struct request *r)
{
	if (tell_interrupts("", r->count > 1 && strcmp(r->word[1], "all") == 0))
		ok("%s", "");
}
