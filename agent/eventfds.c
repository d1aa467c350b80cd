/* MSI and MSI-X vectors under VFIO: an eventfd for each. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "agent.h"

/* The eventfds of one kind of interrupt of one device; free where bdf is empty. 0 is no eventfd. */
static struct vectors {
	char bdf[16];
	int index;
	int fd[MOST_VECTORS];
} all[MOST_OPEN];

static struct vectors *vectors_of(const char *address, int index)
{
	struct vectors *empty = NULL;

	for (int i = 0; i < MOST_OPEN; i++) {
		if (all[i].bdf[0] == '\0')
			empty = &all[i];
		else if (strcmp(all[i].bdf, address) == 0 && all[i].index == index)
			return &all[i];
	}
	if (empty != NULL) {
		snprintf(empty->bdf, sizeof empty->bdf, "%s", address);
		empty->index = index;
	}
	return empty;
}

static void close_range_of(struct vectors *v, uint64_t start, uint64_t count)
{
	for (uint64_t i = start; i < start + count && i < MOST_VECTORS; i++) {
		if (v->fd[i] > 0)
			close(v->fd[i]);
		v->fd[i] = 0;
	}
}

/* The device is closed, and with it every vector. */
void interrupts_forget(const char *address)
{
	for (int i = 0; i < MOST_OPEN; i++)
		if (strcmp(all[i].bdf, address) == 0) {
			close_range_of(&all[i], 0, MOST_VECTORS);
			all[i].bdf[0] = '\0';
		}
}

/* True with all of them when the request has BDF KIND. */
static int wanted(const struct request *r, int *device, struct vectors **v)
{
	const char *address;
	int index;

	if (!bdf(r, 1, &address) || !kind(r, 2, &index))
		return 0;
	*device = vfio_device(address);
	if (*device < 0) {
		error(ENOENT, address);
		return 0;
	}
	*v = vectors_of(address, index);
	if (*v == NULL)
		error(EMFILE, address);
	return *v != NULL;
}

static int range(const struct request *r, uint64_t *start, uint64_t *count)
{
	if (!number(r, 3, MOST_VECTORS, start) || !number(r, 4, MOST_VECTORS, count))
		return 0;
	if (*start + *count <= MOST_VECTORS && *count > 0)
		return 1;
	usage("START + N from 1 to 2048");
	return 0;
}

/* 0, or the errno. `fds` NULL: no data, which is for count 0. */
static int set_irqs(int device, int index, uint64_t start, uint64_t count, const int *fds)
{
	size_t data = fds == NULL ? 0 : count * sizeof *fds;
	struct vfio_irq_set *set = calloc(1, sizeof *set + data);
	int failed;

	if (set == NULL)
		return ENOMEM;
	set->argsz = (uint32_t)(sizeof *set + data);
	set->flags = VFIO_IRQ_SET_ACTION_TRIGGER |
		     (fds == NULL ? VFIO_IRQ_SET_DATA_NONE : VFIO_IRQ_SET_DATA_EVENTFD);
	set->index = (uint32_t)index;
	set->start = (uint32_t)start;
	set->count = (uint32_t)count;
	if (fds != NULL)
		memcpy(set->data, fds, data);
	failed = ioctl(device, VFIO_DEVICE_SET_IRQS, set) < 0 ? errno : 0;
	free(set);
	return failed;
}

void do_irqs(const struct request *r)
{
	static int fresh[MOST_VECTORS];
	struct vectors *v;
	uint64_t start, count;
	int device, failed = 0;

	if (!wanted(r, &device, &v) || !range(r, &start, &count))
		return;
	for (uint64_t i = 0; i < count; i++) {
		fresh[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (fresh[i] < 0) {
			failed = errno;
			count = i;
			break;
		}
	}
	if (failed == 0)
		failed = set_irqs(device, v->index, start, count, fresh);
	if (failed != 0) {
		for (uint64_t i = 0; i < count; i++)
			close(fresh[i]);
		error(failed, "VFIO_DEVICE_SET_IRQS");
		return;
	}
	/* Only now: the kernel has let go of the old ones. */
	close_range_of(v, start, count);
	memcpy(v->fd + start, fresh, count * sizeof *fresh);
	ok("%s", "");
}

void do_irqneg(const struct request *r)
{
	static int none[MOST_VECTORS];
	struct vectors *v;
	uint64_t start, count;
	int device, failed;

	if (!wanted(r, &device, &v) || !range(r, &start, &count))
		return;
	for (uint64_t i = 0; i < count; i++)
		none[i] = -1;
	failed = set_irqs(device, v->index, start, count, none);
	if (failed != 0) {
		error(failed, "VFIO_DEVICE_SET_IRQS");
		return;
	}
	close_range_of(v, start, count);
	ok("%s", "");
}

void do_irqoff(const struct request *r)
{
	struct vectors *v;
	int device, failed;

	if (!wanted(r, &device, &v))
		return;
	failed = set_irqs(device, v->index, 0, 0, NULL);
	if (failed != 0) {
		error(failed, "VFIO_DEVICE_SET_IRQS");
		return;
	}
	close_range_of(v, 0, MOST_VECTORS);
	v->bdf[0] = '\0';
	ok("%s", "");
}

void do_ev(const struct request *r)
{
	char line[MOST_LINE] = "";
	struct vectors *v;
	size_t used = 0;
	int device;

	if (!wanted(r, &device, &v))
		return;
	for (int i = 0; i < MOST_VECTORS && used < sizeof line - 32; i++) {
		uint64_t count = 0;

		if (v->fd[i] <= 0)
			continue;
		/* EAGAIN: nothing since. */
		if (read(v->fd[i], &count, sizeof count) != sizeof count)
			count = 0;
		used += (size_t)sprintf(line + used, "%s%d:%llu", used > 0 ? " " : "", i,
					(unsigned long long)count);
	}
	ok("%s", line);
}
