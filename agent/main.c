/*
 * Reads requests, finds their handlers, sees to it that each is answered.
 *
 *   agent                over standard input and output
 *   agent /dev/hvc0      over a terminal, which is made to pass bytes as they are
 *   init                 as process 1 of a guest, over /dev/hvc0: prepares the guest, and
 *                        powers off when it ends
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

/*
 * What only looks can leave its answer for later. All else may be the last thing that this kernel
 * does: before it, what was answered is written, so that whoever reads the log of a guest that
 * hangs or panics sees how far it came.
 */
enum { ACTS, LOOKS };

static const struct {
	const char *name;
	handler *run;
	int looks;
} commands[] = {
	{ "hello", do_hello, LOOKS }, { "ping", do_ping, LOOKS }, { "bye", do_bye, ACTS },
	{ "sleep", do_sleep, ACTS }, { "sh", do_sh, ACTS },
	{ "put", do_put, ACTS }, { "append", do_append, ACTS }, { "get", do_get, LOOKS }, { "cpu", do_cpu, ACTS },
	{ "present", do_present, ACTS }, { "module", do_module, ACTS }, { "bind", do_bind, ACTS }, { "unbind", do_unbind, ACTS }, { "driver", do_driver, LOOKS },
	{ "grp", do_group, LOOKS }, { "settype", do_settype, ACTS },
	{ "copen", do_copen, ACTS }, { "cclose", do_cclose, ACTS }, { "gopen", do_gopen, ACTS },
	{ "gclose", do_gclose, ACTS }, { "dopen", do_dopen, ACTS }, { "dclose", do_dclose, ACTS },
	{ "dmamap", do_dmamap, ACTS }, { "dmaunmap", do_dmaunmap, ACTS }, { "iovas", do_iovas, LOOKS },
	{ "peek", do_peek, LOOKS }, { "poke", do_poke, ACTS }, { "iommufd", do_iommufd, ACTS },
	{ "irqs", do_irqs, ACTS }, { "irqneg", do_irqneg, ACTS }, { "irqoff", do_irqoff, ACTS }, { "ev", do_ev, LOOKS },
	{ "irqnum", do_irqnum, LOOKS }, { "msiirqs", do_msiirqs, LOOKS },
	{ "aff", do_aff, ACTS }, { "eff", do_eff, LOOKS }, { "counts", do_counts, LOOKS },
	{ "w", do_w, ACTS }, { "r", do_r, ACTS }, { "sw", do_sw, ACTS }, { "sr", do_sr, ACTS },
	{ "cfgr", do_cfgr, ACTS }, { "cfgw", do_cfgw, ACTS }, { "vcfgr", do_vcfgr, ACTS }, { "vcfgw", do_vcfgw, ACTS },
	{ "cfg", do_cfg, ACTS }, { "msixtable", do_msixtable, ACTS }, { "busreset", do_busreset, ACTS }, { "mem", do_mem, ACTS },
	{ "fire", do_fire, ACTS }, { "sfire", do_sfire, ACTS }, { "dma", do_dma, ACTS }, { "sdma", do_sdma, ACTS },
	{ "tstart", do_tstart, ACTS }, { "tstop", do_tstop, ACTS }, { "probe", do_probe, ACTS },
	{ "event", do_event, ACTS }, { "trace", do_trace, LOOKS }, { "klog", do_klog, LOOKS }, { "state", do_state, LOOKS },
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
			if (commands[i].looks == ACTS)
				flush();
			commands[i].run(r);
			return;
		}
	}
	error(ENOSYS, "request");
}

/*
 * Takes bytes until the stream ends. A line that is too long is answered when its end has come.
 * Answers to what came together are written together (each write wakes the host), unless what is
 * asked between them ACTS.
 */
static void serve(int in)
{
	static struct request r;
	static char chunk[4096];
	size_t length = 0;
	ssize_t got;

	while (flush(), !finished && (got = read(in, chunk, sizeof chunk)) != 0) {
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
