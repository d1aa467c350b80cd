/*
 * What a guest needs before the agent can serve: as process 1 this program mounts the file systems,
 * loads the modules that the archive brings, and waits for its console. No shell and no other
 * process: under emulation each costs some twenty milliseconds, and a boot is to be little longer
 * than the kernel's own.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

enum { CONSOLE_PATIENCE_MS = 5000 };

/* Process 1 has no one to answer yet: what goes wrong here is said on the kernel's console. */
static void complain(const char *what)
{
	dprintf(STDERR_FILENO, "doorbell: %s: %s\n", what, strerror(errno));
}

static void mount_at(const char *type, const char *path)
{
	if (mount(type, path, type, 0, NULL) < 0)
		complain(path);
}

/*
 * How long the module is without the signature at its end: struct module_signature (12 bytes, the
 * last 4 its length), a mark.
 */
static size_t unsigned_length(const uint8_t *module, size_t length)
{
	static const char mark[] = "~Module signature appended~\n";
	size_t tail = sizeof mark - 1 + 12, signature;
	const uint8_t *end = module + length;

	if (length < tail || memcmp(end - (sizeof mark - 1), mark, sizeof mark - 1) != 0)
		return length;
	end -= sizeof mark - 1;
	signature = (size_t)end[-4] << 24 | (size_t)end[-3] << 16 | (size_t)end[-2] << 8 | (size_t)end[-1];
	return signature > length - tail ? length : length - tail - signature;
}

/*
 * To check a signature takes longer than all else here, and says nothing that the hashes of the
 * packages did not say on the host. A kernel that insists on it gets the whole module.
 */
static int insert(const uint8_t *module, size_t length)
{
	if (syscall(SYS_init_module, module, unsigned_length(module, length), "") == 0)
		return 0;
	return syscall(SYS_init_module, module, length, "") == 0 ? 0 : -1;
}

/* 0, or -1 with the errno of open or of the kernel. */
int load_module(const char *wanted)
{
	uint8_t *module = MAP_FAILED;
	struct stat file;
	char path[128];
	int fd, failed;

	snprintf(path, sizeof path, "/modules/%.64s.ko", wanted);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &file) == 0)
		module = mmap(NULL, (size_t)file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	failed = module == MAP_FAILED || insert(module, (size_t)file.st_size) < 0 ? errno : 0;
	if (module != MAP_FAILED)
		munmap(module, (size_t)file.st_size);
	if (fd >= 0)
		close(fd);
	errno = failed;
	return failed ? -1 : 0;
}

void do_module(const struct request *r)
{
	const char *module;
	int on;

	if (!name(r, 1, &module) || !on_off(r, 2, &on))
		return;
	if (on ? load_module(module) < 0 : syscall(SYS_delete_module, module, O_NONBLOCK) < 0)
		error(errno, module);
	else
		ok("%s", "");
}

/* The order was found out on the host: a line for each module, after those that it depends on. */
static void load_modules(void)
{
	static char order[MOST_FILE];
	char *rest = order, *next;

	if (read_file("/modules/order", order, sizeof order) < 0) {
		complain("/modules/order");
		return;
	}
	while ((next = strsep(&rest, "\n")) != NULL)
		if (next[0] != '\0' && load_module(next) < 0)
			dprintf(STDERR_FILENO, "doorbell: %s is not loaded: %s\n", next, strerror(errno));
}

/*
 * The port of a virtio console comes when the device has been asked for its ports, some time after
 * its driver: until then the node is missing or leads to no device.
 */
static int open_console(const char *path)
{
	struct timespec moment = { .tv_nsec = 1000000 };
	int64_t deadline = now_ms() + CONSOLE_PATIENCE_MS;
	int fd;

	while ((fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0 && now_ms() < deadline)
		nanosleep(&moment, NULL);
	if (fd < 0)
		dprintf(STDERR_FILENO, "doorbell: no console for the agent: virtio_mmio and virtio_console are needed\n");
	return fd;
}

int begin_guest(const char *console)
{
	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("devtmpfs", "/dev");
	mount_at("tracefs", "/sys/kernel/tracing");
	/* A device that no driver ever had is a case of its own. (Root ports have theirs by now.) */
	if (write_file("/sys/bus/pci/drivers_autoprobe", "0", 0) < 0)
		complain("drivers_autoprobe");
	load_modules();
	return open_console(console);
}
