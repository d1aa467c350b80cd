/*
 * What of a case may be left, in one request: descriptors of VFIO and of eventfds as the kernel has
 * them (not as this program remembers them), drivers, types of groups, interrupts, CPUs.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define PCI "/sys/bus/pci/devices"
#define GROUPS "/sys/kernel/iommu_groups"

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int no_dot(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Calls `tell` for each entry, in order of their names; a folder that is not there has none. */
static void each(const char *folder, void (*tell)(const char *name))
{
	struct dirent **entries;
	int count = scandir(folder, &entries, no_dot, by_name);

	for (int i = 0; i < count; i++) {
		tell(entries[i]->d_name);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void tell_descriptor(const char *number)
{
	char path[64], target[256];
	ssize_t length;

	snprintf(path, sizeof path, "/proc/self/fd/%.16s", number);
	length = readlink(path, target, sizeof target - 1);
	if (length < 0)
		return;
	target[length] = '\0';
	if (strstr(target, "vfio") != NULL || strstr(target, "[eventfd]") != NULL ||
	    strstr(target, "iommu") != NULL)
		text("fd %s", target);
}

static void tell_device(const char *address)
{
	char driver[64], group[64];

	if (bound_driver(address, driver, sizeof driver) == 0 &&
	    group_of(address, group, sizeof group) == 0)
		text("pci %s %s %s", address, driver, group);
}

static void tell_group(const char *group)
{
	char path[96], type[32];

	snprintf(path, sizeof path, GROUPS "/%.16s/type", group);
	if (read_file(path, type, sizeof type) == 0)
		text("group %s %s", group, type);
}

static void tell_file(const char *what, const char *path)
{
	char value[256];

	if (read_file(path, value, sizeof value) == 0)
		text("%s %s", what, value);
}

void do_state(const struct request *r)
{
	(void)r;
	each("/proc/self/fd", tell_descriptor);
	each(PCI, tell_device);
	each(GROUPS, tell_group);
	tell_file("affinity", "/proc/irq/default_smp_affinity");
	tell_file("online", "/sys/devices/system/cpu/online");
	if (tell_interrupts("irq ", 0))
		ok("%s", "");
}
