/*
 * Registers in BARs, 32 bits at a time: through VFIO for a device that it has, through sysfs for
 * any other. Nothing stays mapped: a mapping would keep a closed VFIO device alive.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "agent.h"

enum access { READ, WRITE };

/*
 * One access to a page mapped from `fd`; `offset` is of the register from `base`, where the BAR
 * begins.
 */
static int mapped(int fd, uint64_t base, uint64_t offset, enum access how, uint32_t *value)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t start = (base + offset) & ~(page - 1);
	uint8_t *at = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)start);
	volatile uint32_t *reg;

	if (at == MAP_FAILED)
		return -1;
	reg = (volatile uint32_t *)(at + (base + offset - start));
	if (how == WRITE)
		*reg = *value;
	else
		*value = *reg;
	munmap(at, page);
	return 0;
}

static int through_vfio(const char *address, int bar, uint64_t offset, enum access how, uint32_t *value)
{
	struct vfio_region_info info = { .argsz = sizeof info, .index = (uint32_t)bar };
	int device = vfio_device(address);

	if (device < 0) {
		errno = ENOENT;
		return -1;
	}
	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info) < 0)
		return -1;
	if (offset + 4 > info.size) {
		errno = ERANGE;
		return -1;
	}
	/* No mapping: a BAR smaller than a page, or one that holds the MSI-X table and says so. */
	if (!(info.flags & VFIO_REGION_INFO_FLAG_MMAP) ||
	    mapped(device, info.offset, offset, how, value) < 0)
		return how == WRITE ? pwrite_value(device, info.offset + offset, 4, *value) :
				      pread_value(device, info.offset + offset, 4, value);
	return 0;
}

static int through_sysfs(const char *address, int bar, uint64_t offset, enum access how, uint32_t *value)
{
	struct stat file;
	char path[80];
	int fd, failed;

	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/resource%d", address, bar);
	fd = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &file) == 0 && offset + 4 > (uint64_t)file.st_size) {
		close(fd);
		errno = ERANGE;
		return -1;
	}
	failed = mapped(fd, 0, offset, how, value) < 0 ? errno : 0;
	close(fd);
	errno = failed;
	return failed ? -1 : 0;
}

int bar_write(const char *address, int vfio, int bar, uint64_t offset, uint32_t value)
{
	return vfio ? through_vfio(address, bar, offset, WRITE, &value) :
		      through_sysfs(address, bar, offset, WRITE, &value);
}

static void access_bar(const struct request *r, enum access how,
		       int (*way)(const char *, int, uint64_t, enum access, uint32_t *))
{
	const char *address;
	uint64_t bar, offset, given = 0;
	uint32_t value;

	if (!bdf(r, 1, &address) || !number(r, 2, 5, &bar) || !number(r, 3, UINT32_MAX, &offset) ||
	    (how == WRITE && !number(r, 4, UINT32_MAX, &given)))
		return;
	if (offset % 4 != 0) {
		usage("an offset that is a multiple of 4");
		return;
	}
	value = (uint32_t)given;
	if (way(address, (int)bar, offset, how, &value) < 0)
		error(errno, "BAR");
	else if (how == READ)
		ok("0x%x", value);
	else
		ok("%s", "");
}

void do_w(const struct request *r)
{
	access_bar(r, WRITE, through_vfio);
}

void do_r(const struct request *r)
{
	access_bar(r, READ, through_vfio);
}

void do_sw(const struct request *r)
{
	access_bar(r, WRITE, through_sysfs);
}

void do_sr(const struct request *r)
{
	access_bar(r, READ, through_sysfs);
}
