/* Configuration space, the MSI-X table as the device has it, physical memory. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "agent.h"

int pread_value(int fd, uint64_t offset, int size, uint32_t *value)
{
	uint8_t bytes[4] = { 0 };
	ssize_t got = pread(fd, bytes, (size_t)size, (off_t)offset);

	if (got != size) {
		if (got >= 0)
			errno = ERANGE;
		return -1;
	}
	*value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		 (uint32_t)bytes[3] << 24;
	return 0;
}

int pwrite_value(int fd, uint64_t offset, int size, uint32_t value)
{
	uint8_t bytes[4] = { (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
			     (uint8_t)(value >> 24) };
	ssize_t put = pwrite(fd, bytes, (size_t)size, (off_t)offset);

	if (put != size) {
		if (put >= 0)
			errno = ERANGE;
		return -1;
	}
	return 0;
}

int sysfs_config(const char *address, int flags)
{
	char path[80];

	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/config", address);
	return open(path, flags | O_CLOEXEC);
}

static int is_size(uint64_t size)
{
	if (size == 1 || size == 2 || size == 4)
		return 1;
	usage("a size of 1, 2 or 4");
	return 0;
}

/* `fd` at `base` is closed unless it is VFIO's. */
static void read_config(const struct request *r, int fd, uint64_t base)
{
	uint64_t offset, size;
	uint32_t value;

	if (!number(r, 2, 4095, &offset) || !number(r, 3, 4, &size) || !is_size(size))
		return;
	if (pread_value(fd, base + offset, (int)size, &value) < 0)
		error(errno, "config");
	else
		ok("0x%x", value);
}

static void write_config(const struct request *r, int fd, uint64_t base)
{
	uint64_t offset, value, size;

	if (!number(r, 2, 4095, &offset) || !number(r, 3, UINT32_MAX, &value) ||
	    !number(r, 4, 4, &size) || !is_size(size))
		return;
	if (pwrite_value(fd, base + offset, (int)size, (uint32_t)value) < 0)
		error(errno, "config");
	else
		ok("%s", "");
}

static void through_sysfs(const struct request *r, void (*way)(const struct request *, int, uint64_t))
{
	const char *address;
	int fd;

	if (!bdf(r, 1, &address))
		return;
	fd = sysfs_config(address, O_RDWR);
	if (fd < 0) {
		error(errno, "config");
		return;
	}
	way(r, fd, 0);
	close(fd);
}

static void through_vfio(const struct request *r, void (*way)(const struct request *, int, uint64_t))
{
	const char *address;
	uint64_t base;
	int device;

	if (!bdf(r, 1, &address))
		return;
	device = vfio_device(address);
	if (device < 0)
		error(ENOENT, address);
	else if (vfio_config_region(device, &base) < 0)
		error(errno, "VFIO_DEVICE_GET_REGION_INFO");
	else
		way(r, device, base);
}

void do_cfgr(const struct request *r)
{
	through_sysfs(r, read_config);
}

void do_cfgw(const struct request *r)
{
	through_sysfs(r, write_config);
}

void do_vcfgr(const struct request *r)
{
	through_vfio(r, read_config);
}

void do_vcfgw(const struct request *r)
{
	through_vfio(r, write_config);
}

void do_cfg(const struct request *r)
{
	uint8_t all[4096];
	const char *address;
	ssize_t got;
	int fd;

	if (!bdf(r, 1, &address))
		return;
	fd = sysfs_config(address, O_RDONLY);
	got = fd < 0 ? -1 : pread(fd, all, sizeof all, 0);
	if (got < 0) {
		error(errno, "config");
	} else {
		hex_lines(all, (size_t)got);
		ok("%s", "");
	}
	if (fd >= 0)
		close(fd);
}

/* The offset of the MSI-X capability, or 0. A list that goes in circles ends too. */
static uint32_t msix_capability(int fd)
{
	uint32_t at, id;

	if (pread_value(fd, PCI_CAPABILITY_LIST, 1, &at) < 0)
		return 0;
	for (int i = 0; i < 48 && at >= 0x40; i++) {
		if (pread_value(fd, at, 1, &id) < 0)
			return 0;
		if (id == PCI_CAP_ID_MSIX)
			return at;
		if (pread_value(fd, at + 1, 1, &at) < 0)
			return 0;
	}
	return 0;
}

/* Answers with the table. */
static void print_table(int resource, uint64_t offset, uint32_t entries)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), start = offset & ~(page - 1);
	uint64_t length = offset - start + entries * 16;
	uint8_t *at = mmap(NULL, length, PROT_READ, MAP_SHARED, resource, (off_t)start);
	volatile uint32_t *word;

	if (at == MAP_FAILED) {
		error(errno, "mmap");
		return;
	}
	word = (volatile uint32_t *)(at + (offset - start));
	for (uint32_t i = 0; i < entries; i++)
		text("%u 0x%x 0x%x 0x%x 0x%x", i, word[4 * i], word[4 * i + 1], word[4 * i + 2],
		     word[4 * i + 3]);
	munmap(at, length);
	ok("%s", "");
}

static void tell_msix_table(const char *address)
{
	uint32_t cap, control, table;
	char path[80];
	int fd, resource;

	fd = sysfs_config(address, O_RDONLY);
	cap = fd < 0 ? 0 : msix_capability(fd);
	if (cap == 0 || pread_value(fd, cap + PCI_MSIX_FLAGS, 2, &control) < 0 ||
	    pread_value(fd, cap + PCI_MSIX_TABLE, 4, &table) < 0) {
		error(fd < 0 ? errno : ENOENT, "MSI-X capability");
		if (fd >= 0)
			close(fd);
		return;
	}
	close(fd);
	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/resource%u", address,
		 table & PCI_MSIX_TABLE_BIR);
	resource = open(path, O_RDWR | O_SYNC | O_CLOEXEC);
	if (resource < 0) {
		error(errno, "resource");
		return;
	}
	print_table(resource, table & PCI_MSIX_TABLE_OFFSET, (control & PCI_MSIX_FLAGS_QSIZE) + 1);
	close(resource);
}

void do_msixtable(const struct request *r)
{
	const char *address;

	if (bdf(r, 1, &address))
		tell_msix_table(address);
}

/* The bridge that the device is behind, as sysfs nests them; 0 on bus 0. */
static int bridge_of(const char *address, char *to, size_t size)
{
	char path[80], *real, *last = NULL;

	snprintf(path, sizeof path, "/sys/bus/pci/devices/%s/..", address);
	real = realpath(path, NULL);
	if (real != NULL)
		last = strrchr(real, '/') + 1;
	/* The bridge's address, or the name of the bus's own device, which has no configuration space. */
	if (last != NULL)
		snprintf(to, size, "%.15s", last);
	free(real);
	return last != NULL && strchr(to, '.') != NULL;
}

/*
 * Resets the bus behind the bridge by its own register, past the kernel: its MSI code is not told.
 * What firmware and the kernel set up at enumeration (command, BARs) is put back, with decoding of
 * memory on, so that the table can be read for the answer; last it is as the request has it.
 */
void do_busreset(const struct request *r)
{
	enum { FIRST = PCI_COMMAND, LAST = PCI_BASE_ADDRESS_5, RESET_MS = 2, WAKE_MS = 100 };
	uint32_t header[(LAST - FIRST) / 4 + 1], control, command;
	const char *address;
	char bridge[16];
	int device = -1, port = -1, memory;

	if (!bdf(r, 1, &address))
		return;
	if (!on_off(r, 2, &memory))
		return;
	if (!bridge_of(address, bridge, sizeof bridge)) {
		error(ENODEV, "bridge");
		return;
	}
	device = sysfs_config(address, O_RDWR);
	port = sysfs_config(bridge, O_RDWR);
	if (device < 0 || port < 0) {
		error(errno, "config");
		goto out;
	}
	for (int at = FIRST; at <= LAST; at += 4)
		if (pread_value(device, (uint64_t)at, 4, &header[(at - FIRST) / 4]) < 0)
			goto failed;
	if (pread_value(port, PCI_BRIDGE_CONTROL, 2, &control) < 0 ||
	    pwrite_value(port, PCI_BRIDGE_CONTROL, 2, control | PCI_BRIDGE_CTL_BUS_RESET) < 0)
		goto failed;
	usleep(1000 * RESET_MS);
	if (pwrite_value(port, PCI_BRIDGE_CONTROL, 2, control) < 0)
		goto failed;
	usleep(1000 * WAKE_MS);
	for (int at = PCI_BASE_ADDRESS_0; at <= LAST; at += 4)
		if (pwrite_value(device, (uint64_t)at, 4, header[(at - FIRST) / 4]) < 0)
			goto failed;
	command = (header[0] & 0xffff) | PCI_COMMAND_MEMORY;
	if (pwrite_value(device, PCI_COMMAND, 2, command) < 0)
		goto failed;
	tell_msix_table(address);
	if (!memory)
		pwrite_value(device, PCI_COMMAND, 2, command & ~(uint32_t)PCI_COMMAND_MEMORY);
	goto out;
failed:
	error(errno, "config");
out:
	if (device >= 0)
		close(device);
	if (port >= 0)
		close(port);
}

void do_mem(const struct request *r)
{
	uint8_t bytes[4096];
	uint64_t address, length;
	ssize_t got;
	int fd;

	if (!number(r, 1, INT64_MAX, &address) || !number(r, 2, sizeof bytes, &length))
		return;
	fd = open("/dev/mem", O_RDONLY | O_CLOEXEC);
	got = fd < 0 ? -1 : pread(fd, bytes, length, (off_t)address);
	if (got < 0) {
		error(errno, "/dev/mem");
	} else {
		hex_lines(bytes, (size_t)got);
		ok("%s", "");
	}
	if (fd >= 0)
		close(fd);
}
