/* A line for the shell, with a deadline and a bound on what it says. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

static pid_t start(const char *line, int *output)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int nothing = open("/dev/null", O_RDONLY);

		setpgid(0, 0);
		dup2(nothing, STDIN_FILENO);
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", line, (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return -1;
	}
	setpgid(pid, pid);
	*output = ends[0];
	return pid;
}

/* Until all writers are gone. What is more than there is room for is read and thrown away. */
static int gather(int output, char *to, size_t size, size_t *length, int64_t deadline)
{
	char spill[4096];

	for (;;) {
		struct pollfd wait = { .fd = output, .events = POLLIN };
		int64_t left = deadline - now_ms();
		size_t room = size - *length;
		ssize_t got;

		if (left <= 0 || poll(&wait, 1, (int)left) == 0)
			return ETIMEDOUT;
		got = room > 0 ? read(output, to + *length, room) : read(output, spill, sizeof spill);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return errno;
		if (got > 0 && room > 0)
			*length += (size_t)got;
	}
}

void do_sh(const struct request *r)
{
	int output, status, failed;
	size_t length = 0;
	char *said;
	pid_t pid;

	if (r->count < 2) {
		usage("sh LINE");
		return;
	}
	said = malloc(MOST_FILE);
	pid = said == NULL ? -1 : start(r->rest[1], &output);
	if (pid < 0) {
		error(errno, "sh");
		free(said);
		return;
	}
	failed = gather(output, said, MOST_FILE, &length, now_ms() + DEADLINE_MS);
	if (failed != 0)
		kill(-pid, SIGKILL);
	close(output);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	text_lines(said, length);
	free(said);
	if (failed != 0)
		error(failed, "sh");
	else
		ok("rc=%d", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

void do_sleep(const struct request *r)
{
	struct timespec time;
	uint64_t ms;

	if (!number(r, 1, DEADLINE_MS, &ms))
		return;
	time.tv_sec = (time_t)(ms / 1000);
	time.tv_nsec = (long)(ms % 1000) * 1000000;
	while (nanosleep(&time, &time) < 0 && errno == EINTR)
		;
	ok("%s", "");
}
