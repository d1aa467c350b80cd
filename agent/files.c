/*
 * Files of sysfs, procfs and tracefs: one write is one request to the kernel, and its errno is the
 * answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

/* The whole file, without the newline at its end, as a string; 0, or -1 with errno. */
int read_file(const char *path, char *to, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;
	ssize_t got = 0;

	if (fd < 0)
		return -1;
	while (length < size - 1 && (got = read(fd, to + length, size - 1 - length)) > 0)
		length += (size_t)got;
	close(fd);
	if (got < 0)
		return -1;
	while (length > 0 && to[length - 1] == '\n')
		length--;
	to[length] = '\0';
	return 0;
}

/* 0, or -1 with the errno of open or write. */
int write_file(const char *path, const char *what, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	int failed;

	if (fd < 0)
		return -1;
	failed = write(fd, what, strlen(what)) < 0 ? errno : 0;
	close(fd);
	errno = failed;
	return failed ? -1 : 0;
}

void do_put(const struct request *r)
{
	if (r->count < 3)
		usage("put PATH TEXT");
	else if (write_file(r->word[1], r->rest[2], 0) < 0)
		error(errno, r->word[1]);
	else
		ok("%s", "");
}

void do_append(const struct request *r)
{
	char line[MOST_REQUEST + 1];

	if (r->count < 3) {
		usage("append PATH TEXT");
		return;
	}
	snprintf(line, sizeof line, "%s\n", r->rest[2]);
	if (write_file(r->word[1], line, O_APPEND) < 0)
		error(errno, r->word[1]);
	else
		ok("%s", "");
}

void do_get(const struct request *r)
{
	char *all;

	if (r->count != 2) {
		usage("get PATH");
		return;
	}
	all = malloc(MOST_FILE);
	if (all == NULL || read_file(r->word[1], all, MOST_FILE) < 0) {
		error(errno, r->word[1]);
	} else {
		text_lines(all, strlen(all));
		ok("%s", "");
	}
	free(all);
}

void do_cpu(const struct request *r)
{
	uint64_t cpu;
	char path[80];
	int on;

	if (!number(r, 1, 4095, &cpu))
		return;
	if (!on_off(r, 2, &on))
		return;
	snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/online", (int)cpu);
	if (write_file(path, on ? "1" : "0", 0) < 0)
		error(errno, path);
	else
		ok("%s", "");
}
