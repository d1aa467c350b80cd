/*
 * tracefs and the kernel's log: both are consumed, so that a request costs what is new and not what
 * there is.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

#define TRACEFS "/sys/kernel/tracing/"

static int trace_pipe = -1;
static int kmsg = -1;

void do_tstart(const struct request *r)
{
	int empty = open(TRACEFS "trace", O_WRONLY | O_TRUNC | O_CLOEXEC);

	(void)r;
	if (empty < 0) {
		error(errno, "trace");
		return;
	}
	close(empty);
	if (write_file(TRACEFS "tracing_on", "1", 0) < 0)
		error(errno, "tracing_on");
	else
		ok("%s", "");
}

void do_tstop(const struct request *r)
{
	(void)r;
	if (write_file(TRACEFS "tracing_on", "0", 0) < 0)
		error(errno, "tracing_on");
	else
		ok("%s", "");
}

/*
 * `p:imap iommu_map iova=%x1:x64`, `r:ret func ...`: the group is ours, so that enabling finds it.
 */
void do_probe(const struct request *r)
{
	char line[MOST_REQUEST + 64], path[160];
	const char *colon = r->count > 2 ? strchr(r->word[1], ':') : NULL;
	struct request naming = { .count = 1 };
	const char *as;

	if (colon == NULL || (r->word[1][0] != 'p' && r->word[1][0] != 'r')) {
		usage("probe p:NAME FUNCTION [ARGUMENTS]");
		return;
	}
	naming.word[0] = colon + 1;
	if (!name(&naming, 0, &as))
		return;
	snprintf(line, sizeof line, "%.*s:doorbell/%s %s\n", (int)(colon - r->word[1]), r->word[1], as,
		 r->rest[2]);
	if (write_file(TRACEFS "kprobe_events", line, O_APPEND) < 0) {
		error(errno, "kprobe_events");
		return;
	}
	snprintf(path, sizeof path, TRACEFS "events/doorbell/%s/enable", as);
	if (write_file(path, "1", 0) < 0)
		error(errno, path);
	else
		ok("%s", "");
}

void do_event(const struct request *r)
{
	char path[160];
	uint64_t on;

	if (r->count != 3 || strchr(r->word[1], '/') == NULL || strstr(r->word[1], "..") != NULL) {
		usage("event SYSTEM/NAME 0|1");
		return;
	}
	if (!number(r, 2, 1, &on))
		return;
	snprintf(path, sizeof path, TRACEFS "events/%.100s/enable", r->word[1]);
	if (write_file(path, on ? "1" : "0", 0) < 0)
		error(errno, r->word[1]);
	else
		ok("%s", "");
}

/* trace_pipe gives whole lines, and EAGAIN when there is nothing. */
void do_trace(const struct request *r)
{
	static char chunk[65536];
	ssize_t got;

	(void)r;
	if (trace_pipe < 0)
		trace_pipe = open(TRACEFS "trace_pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (trace_pipe < 0) {
		error(errno, "trace_pipe");
		return;
	}
	while ((got = read(trace_pipe, chunk, sizeof chunk)) > 0)
		text_lines(chunk, (size_t)got);
	if (got < 0 && errno != EAGAIN)
		error(errno, "trace_pipe");
	else
		ok("%s", "");
}

void klog_begin(void)
{
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg >= 0)
		lseek(kmsg, 0, SEEK_END);
}

/*
 * A record is `priority,number,time,flags;text\n` and lines of properties that begin with a blank.
 */
static void print_record(char *record, ssize_t length)
{
	char *start, *end;

	record[length] = '\0';
	start = strchr(record, ';');
	start = start == NULL ? record : start + 1;
	end = strchr(start, '\n');
	if (end != NULL)
		*end = '\0';
	text("%s", start);
}

void do_klog(const struct request *r)
{
	static char record[8193];

	(void)r;
	if (kmsg < 0) {
		error(ENOENT, "/dev/kmsg");
		return;
	}
	for (;;) {
		ssize_t got = read(kmsg, record, sizeof record - 1);

		if (got > 0) {
			print_record(record, got);
		} else if (got < 0 && errno == EPIPE) {
			text("[LOST RECORDS]");
		} else if (got < 0 && errno != EAGAIN && errno != EINTR) {
			error(errno, "/dev/kmsg");
			return;
		} else if (got == 0 || errno == EAGAIN) {
			break;
		}
	}
	ok("%s", "");
}
