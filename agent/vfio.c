/*
 * Containers, groups and devices of VFIO's type 1 interface (Documentation/driver-api/vfio.rst):
 * each is a descriptor that is opened and closed when the host says so, in any order, because what
 * an order does to the kernel is what is to be seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "agent.h"

/* A descriptor by name; free where name is empty. */
struct opened {
	char name[32];
	int fd;
	int has_iommu;	/* of a container: VFIO_SET_IOMMU succeeded */
};

static struct opened containers[MOST_OPEN], groups[MOST_OPEN], devices[MOST_OPEN];

static struct opened *find(struct opened *in, const char *wanted)
{
	for (int i = 0; i < MOST_OPEN; i++)
		if (strcmp(in[i].name, wanted) == 0)
			return &in[i];
	return NULL;
}

static void keep(struct opened *in, const char *as, int fd)
{
	struct opened *slot = find(in, "");

	if (slot == NULL)	/* may_open said that there is room */
		return;
	snprintf(slot->name, sizeof slot->name, "%s", as);
	slot->fd = fd;
	slot->has_iommu = 0;
}

/* True when `as` can be opened: it is not open, and there is room. */
static int may_open(struct opened *in, const char *as)
{
	if (find(in, as) != NULL)
		error(EEXIST, as);
	else if (find(in, "") == NULL)
		error(EMFILE, as);
	else
		return 1;
	return 0;
}

static void shut(struct opened *in, const char *as)
{
	struct opened *slot = find(in, as);

	if (slot == NULL) {
		error(ENOENT, as);
		return;
	}
	slot->name[0] = '\0';
	/* The descriptor is gone even if close says otherwise (close(2)). */
	if (close(slot->fd) < 0)
		error(errno, "close");
	else
		ok("%s", "");
}

int container_of(const char *as)
{
	struct opened *slot = find(containers, as);

	return slot == NULL ? -1 : slot->fd;
}

int vfio_device(const char *address)
{
	struct opened *slot = find(devices, address);

	return slot == NULL ? -1 : slot->fd;
}

void vfio_close_all(void)
{
	struct opened *all[] = { devices, groups, containers };

	for (int kind_at = 0; kind_at < 3; kind_at++)
		for (int i = 0; i < MOST_OPEN; i++)
			if (all[kind_at][i].name[0] != '\0')
				close(all[kind_at][i].fd);
}

void do_copen(const struct request *r)
{
	const char *as;
	int fd;

	if (!name(r, 1, &as) || !may_open(containers, as))
		return;
	fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		error(errno, "open");
		return;
	}
	keep(containers, as, fd);
	ok("%s", "");
}

void do_cclose(const struct request *r)
{
	const char *as;

	if (!name(r, 1, &as))
		return;
	if (container_of(as) >= 0)
		dma_forget(container_of(as));
	shut(containers, as);
}

/* The number of the device's group, or -1 with errno. */
static int group_number(const char *address)
{
	char path[128], target[512];
	ssize_t length;
	int n;

	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/iommu_group", address);
	length = readlink(path, target, sizeof target - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	if (sscanf(basename(target), "%d", &n) != 1) {
		errno = ENOENT;
		return -1;
	}
	return n;
}

void do_gopen(const struct request *r)
{
	struct vfio_group_status status = { .argsz = sizeof status };
	const char *address, *as, *failed = NULL;
	struct opened *container;
	char path[64];
	int number_of, fd;

	if (!bdf(r, 1, &address) || !name(r, 2, &as) || !may_open(groups, address))
		return;
	container = find(containers, as);
	if (container == NULL) {
		error(ENOENT, as);
		return;
	}
	number_of = group_number(address);
	if (number_of < 0) {
		error(errno, "iommu_group");
		return;
	}
	snprintf(path, sizeof path, "/dev/vfio/%d", number_of);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		error(errno, "open");
		return;
	}
	if (ioctl(fd, VFIO_GROUP_GET_STATUS, &status) < 0) {
		failed = "VFIO_GROUP_GET_STATUS";
	} else if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		errno = EPERM;
		failed = "not viable";
	} else if (ioctl(fd, VFIO_GROUP_SET_CONTAINER, &container->fd) < 0) {
		failed = "VFIO_GROUP_SET_CONTAINER";
	} else if (!container->has_iommu &&
		   ioctl(container->fd, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) < 0) {
		failed = "VFIO_SET_IOMMU";
	}
	if (failed != NULL) {
		int why = errno;

		close(fd);
		error(why, failed);
		return;
	}
	container->has_iommu = 1;
	keep(groups, address, fd);
	ok("group %d", number_of);
}

/*
 * A container whose last group has left loses its IOMMU (vfio_container_detach_group): it is set
 * again. A group leaves when its descriptor and that of its device are closed.
 */
static void look_for_iommus(void)
{
	for (int i = 0; i < MOST_OPEN; i++)
		if (containers[i].name[0] != '\0' &&
		    ioctl(containers[i].fd, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) > 0) {
			struct vfio_iommu_type1_info info = { .argsz = sizeof info };

			containers[i].has_iommu =
				ioctl(containers[i].fd, VFIO_IOMMU_GET_INFO, &info) == 0;
		}
}

static uint32_t irq_info(int device, uint32_t index, uint32_t *flags)
{
	struct vfio_irq_info info = { .argsz = sizeof info, .index = index };

	if (ioctl(device, VFIO_DEVICE_GET_IRQ_INFO, &info) < 0)
		return 0;
	if (info.count > 0 && flags != NULL)
		*flags = info.flags;
	return info.count;
}

void do_dopen(const struct request *r)
{
	const char *address;
	struct opened *group;
	uint32_t intx, msi, msix, flags = 0, command;
	uint64_t config;
	int fd;

	if (!bdf(r, 1, &address) || !may_open(devices, address))
		return;
	group = find(groups, address);
	if (group == NULL) {
		error(ENOENT, address);
		return;
	}
	fd = ioctl(group->fd, VFIO_GROUP_GET_DEVICE_FD, address);
	if (fd < 0) {
		error(errno, "VFIO_GROUP_GET_DEVICE_FD");
		return;
	}
	intx = irq_info(fd, VFIO_PCI_INTX_IRQ_INDEX, NULL);
	msi = irq_info(fd, VFIO_PCI_MSI_IRQ_INDEX, &flags);
	msix = irq_info(fd, VFIO_PCI_MSIX_IRQ_INDEX, &flags);
	/* PCI_COMMAND: memory and bus master, without which an MSI is not sent. */
	if (vfio_config_region(fd, &config) < 0 || pread_value(fd, config + 4, 2, &command) < 0 ||
	    pwrite_value(fd, config + 4, 2, command | 6) < 0) {
		int why = errno;

		close(fd);
		error(why, "PCI_COMMAND");
		return;
	}
	keep(devices, address, fd);
	ok("intx=%u msi=%u msix=%u flags=%u", intx, msi, msix, flags);
}

void do_gclose(const struct request *r)
{
	const char *address;

	if (!bdf(r, 1, &address))
		return;
	shut(groups, address);
	look_for_iommus();
}

void do_dclose(const struct request *r)
{
	const char *address;

	if (!bdf(r, 1, &address))
		return;
	interrupts_forget(address);
	shut(devices, address);
	look_for_iommus();
}

int vfio_config_region(int device, uint64_t *offset)
{
	struct vfio_region_info info = { .argsz = sizeof info, .index = VFIO_PCI_CONFIG_REGION_INDEX };

	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info) < 0)
		return -1;
	*offset = info.offset;
	return 0;
}

void do_iommufd(const struct request *r)
{
	int fd = open("/dev/iommu", O_RDWR | O_CLOEXEC);

	(void)r;
	if (fd < 0) {
		error(errno, "/dev/iommu");
		return;
	}
	close(fd);
	ok("%s", "");
}
