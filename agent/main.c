/*
 * Reads requests, finds their handlers, sees to it that each is answered.
 *
 *   agent                over standard input and output
 *   agent /dev/hvc0      over a terminal, which is made to pass bytes as they are
 *   init                 as process 1 of a guest, over /dev/hvc0: prepares the guest, and powers off when it ends
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

static int finished;

static void do_hello(const struct request *r)
{
	struct utsname system;
	uint64_t version;

	if (!number(r, 1, UINT32_MAX, &version))
		return;
	if (version != PROTOCOL_VERSION) {
		error(EPROTO, "hello");
		return;
	}
	uname(&system);
	ok("doorbell-agent %d kernel=%s page=%ld cpus=%ld", PROTOCOL_VERSION, system.release,
	   sysconf(_SC_PAGESIZE), sysconf(_SC_NPROCESSORS_ONLN));
}

static void do_ping(const struct request *r)
{
	(void)r;
	ok("%s", "");
}

static void do_bye(const struct request *r)
{
	(void)r;
	vfio_close_all();
	finished = 1;
	ok("%s", "");
}

static const struct {
	const char *name;
	handler *run;
} commands[] = {
	{ "hello", do_hello }, { "ping", do_ping }, { "bye", do_bye },
	{ "sleep", do_sleep }, { "sh", do_sh },
	{ "put", do_put }, { "append", do_append }, { "get", do_get }, { "cpu", do_cpu },
	{ "bind", do_bind }, { "unbind", do_unbind }, { "driver", do_driver },
	{ "grp", do_group }, { "settype", do_settype },
	{ "copen", do_copen }, { "cclose", do_cclose }, { "gopen", do_gopen },
	{ "gclose", do_gclose }, { "dopen", do_dopen }, { "dclose", do_dclose },
	{ "dmamap", do_dmamap }, { "dmaunmap", do_dmaunmap }, { "iovas", do_iovas },
	{ "peek", do_peek }, { "iommufd", do_iommufd },
	{ "irqs", do_irqs }, { "irqneg", do_irqneg }, { "irqoff", do_irqoff }, { "ev", do_ev },
	{ "irqnum", do_irqnum }, { "msiirqs", do_msiirqs },
	{ "aff", do_aff }, { "eff", do_eff }, { "counts", do_counts },
	{ "w", do_w }, { "r", do_r }, { "sw", do_sw }, { "sr", do_sr },
	{ "cfgr", do_cfgr }, { "cfgw", do_cfgw }, { "vcfgr", do_vcfgr }, { "vcfgw", do_vcfgw },
	{ "cfg", do_cfg }, { "msixtable", do_msixtable }, { "mem", do_mem },
	{ "fire", do_fire }, { "sfire", do_sfire }, { "dma", do_dma }, { "sdma", do_sdma },
	{ "tstart", do_tstart }, { "tstop", do_tstop }, { "probe", do_probe },
	{ "event", do_event }, { "trace", do_trace }, { "klog", do_klog }, { "state", do_state },
};

/* Takes the number from the front of a request, and leaves what follows it; 0 without a number. */
static uint32_t take_number(char *line)
{
	size_t digits = strspn(line, "0123456789");
	unsigned long long number = strtoull(line, NULL, 10);

	if (digits == 0 || digits > 10 || number > UINT32_MAX || (line[digits] != ' ' && line[digits] != '\0'))
		return 0;
	memmove(line, line + digits, strlen(line + digits) + 1);
	return (uint32_t)number;
}

static void split(struct request *r)
{
	char *at = r->words;

	r->count = 0;
	strcpy(r->words, r->line);
	while (r->count < MOST_ARGS) {
		at += strspn(at, " \t");
		if (*at == '\0')
			break;
		r->word[r->count] = at;
		r->rest[r->count] = r->line + (at - r->words);
		r->count++;
		at += strcspn(at, " \t");
		if (*at == '\0')
			break;
		*at++ = '\0';
	}
}

static void carry_out(struct request *r)
{
	uint32_t number = take_number(r->line);

	answer_number(number);
	if (number == 0) {
		usage("NUMBER REQUEST, numbers from 1");
		return;
	}
	split(r);
	for (size_t i = 0; r->count > 0 && i < sizeof commands / sizeof *commands; i++) {
		if (strcmp(r->word[0], commands[i].name) == 0) {
			commands[i].run(r);
			return;
		}
	}
	error(ENOSYS, "request");
}

/* Takes bytes until the stream ends. A line that is too long is answered when its end has come. */
static void serve(int in)
{
	static struct request r;
	static char chunk[4096];
	size_t length = 0;
	ssize_t got;

	while (!finished && (got = read(in, chunk, sizeof chunk)) != 0) {
		if (got < 0) {
			if (errno == EINTR)
				continue;
			return;
		}
		for (ssize_t i = 0; i < got && !finished; i++) {
			if (chunk[i] != '\n') {
				if (length < MOST_REQUEST)
					r.line[length++] = chunk[i] == '\0' || chunk[i] == '\r' ? ' ' : chunk[i];
				continue;
			}
			if (length == MOST_REQUEST) {
				r.line[MOST_REQUEST - 1] = '\0';
				answer_number(take_number(r.line));
				error(E2BIG, "request");
			} else {
				r.line[length] = '\0';
				carry_out(&r);
			}
			length = 0;
		}
	}
}

static void make_raw(int fd)
{
	struct termios settings;

	if (tcgetattr(fd, &settings) != 0)
		return;
	cfmakeraw(&settings);
	tcsetattr(fd, TCSANOW, &settings);
}

int main(int argc, char **argv)
{
	int as_init = getpid() == 1;
	const char *terminal = as_init ? "/dev/hvc0" : argc > 1 ? argv[1] : NULL;
	struct rlimit files = { 4096, 4096 };
	int in = STDIN_FILENO, out = STDOUT_FILENO;

	if (terminal != NULL) {
		in = out = as_init ? begin_guest(terminal) : open(terminal, O_RDWR | O_NOCTTY | O_CLOEXEC);
		if (in < 0) {
			perror(terminal);
			return 1;
		}
		make_raw(in);
	}
	signal(SIGPIPE, SIG_IGN);
	setrlimit(RLIMIT_NOFILE, &files);
	answer_to(out);
	klog_begin();
	/* The greeting is the only line that nobody asked for. */
	dprintf(out, "doorbell-agent %d\n", PROTOCOL_VERSION);
	serve(in);
	if (as_init)
		reboot(RB_POWER_OFF);
	return 0;
}

int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
