/* Which driver has a device, and which kind of default domain its group. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

#define DEVICE "/sys/bus/pci/devices/%s/"

/*
 * The last part of what a link of the device points at; "-" without the link. -1 when there is no
 * device.
 */
static int link_of(const char *bdf, const char *link, char *to, size_t size)
{
	char path[128], target[512];
	ssize_t length;

	snprintf(path, sizeof path, DEVICE, bdf);
	if (access(path, F_OK) != 0)
		return -1;
	snprintf(path, sizeof path, DEVICE "%s", bdf, link);
	length = readlink(path, target, sizeof target - 1);
	if (length < 0) {
		snprintf(to, size, "-");
		return 0;
	}
	target[length] = '\0';
	snprintf(to, size, "%s", basename(target));
	return 0;
}

int bound_driver(const char *address, char *to, size_t size)
{
	return link_of(address, "driver", to, size);
}

int group_of(const char *address, char *to, size_t size)
{
	return link_of(address, "iommu_group", to, size);
}

static int unbind(const char *address)
{
	char path[128];

	snprintf(path, sizeof path, DEVICE "driver/unbind", address);
	return write_file(path, address, 0);
}

static int override(const char *address, const char *driver)
{
	char path[128];

	snprintf(path, sizeof path, DEVICE "driver_override", address);
	return write_file(path, driver, 0);
}

void do_driver(const struct request *r)
{
	const char *address;
	char driver[64];

	if (!bdf(r, 1, &address))
		return;
	if (bound_driver(address, driver, sizeof driver) < 0)
		error(ENODEV, address);
	else
		ok("%s", driver);
}

/* A slot is emptied and filled by a thread of the kernel (pciehp), in its own time. */
void do_present(const struct request *r)
{
	struct timespec moment = { .tv_nsec = 1000000 };
	int64_t deadline = now_ms() + DEADLINE_MS;
	const char *address;
	char path[128];
	int wanted;

	if (!bdf(r, 1, &address))
		return;
	if (!on_off(r, 2, &wanted))
		return;
	snprintf(path, sizeof path, DEVICE "config", address);
	while ((access(path, F_OK) == 0) != wanted) {
		if (now_ms() > deadline) {
			error(ETIMEDOUT, address);
			return;
		}
		nanosleep(&moment, NULL);
	}
	ok("%s", "");
}

/* A probe that fails is not an error of drivers_probe: who has the device afterwards says it. */
void do_bind(const struct request *r)
{
	const char *address, *wanted;
	char driver[64];

	if (!bdf(r, 1, &address) || !name(r, 2, &wanted))
		return;
	if (bound_driver(address, driver, sizeof driver) < 0) {
		error(ENODEV, address);
		return;
	}
	if (strcmp(driver, wanted) == 0) {
		ok("%s", driver);
		return;
	}
	if (strcmp(driver, "-") != 0 && unbind(address) < 0)
		error(errno, "unbind");
	else if (override(address, wanted) < 0)
		error(errno, "driver_override");
	else if (write_file("/sys/bus/pci/drivers_probe", address, 0) < 0)
		error(errno, "drivers_probe");
	else if (bound_driver(address, driver, sizeof driver) < 0 || strcmp(driver, wanted) != 0)
		error(ENODEV, "probe");
	else
		ok("%s", driver);
}

void do_unbind(const struct request *r)
{
	const char *address, *from = NULL;
	char driver[64];

	if (!bdf(r, 1, &address) || (r->count > 2 && !name(r, 2, &from)))
		return;
	if (bound_driver(address, driver, sizeof driver) < 0)
		error(ENODEV, address);
	else if (from != NULL && strcmp(driver, from) != 0)
		ok("%s", "");
	else if (strcmp(driver, "-") != 0 && unbind(address) < 0)
		error(errno, "unbind");
	else if (override(address, "\n") < 0)
		error(errno, "driver_override");
	else
		ok("%s", "");
}

void do_group(const struct request *r)
{
	const char *address;
	char group[64], path[128], type[32];

	if (!bdf(r, 1, &address))
		return;
	if (link_of(address, "iommu_group", group, sizeof group) < 0) {
		error(ENODEV, address);
		return;
	}
	snprintf(path, sizeof path, DEVICE "iommu_group/type", address);
	if (strcmp(group, "-") == 0)
		error(ENOENT, "iommu_group");
	else if (read_file(path, type, sizeof type) < 0)
		error(errno, "type");
	else
		ok("%s %s", group, type);
}

void do_settype(const struct request *r)
{
	const char *address, *type;
	char path[128];

	if (!bdf(r, 1, &address) || !name(r, 2, &type))
		return;
	snprintf(path, sizeof path, DEVICE "iommu_group/type", address);
	if (write_file(path, type, 0) < 0)
		error(errno, "type");
	else
		ok("%s", "");
}
