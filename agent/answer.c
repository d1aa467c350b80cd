/* Answers: gathered in a buffer until flush(), which writes all of it whatever the stream takes. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

static int out;
static char buffer[65536];
static size_t used;
static int lines;
static uint32_t answering;

void answer_to(int fd)
{
	out = fd;
}

void answer_number(uint32_t number)
{
	answering = number;
}

/* Without whoever listens there is nothing left to do. */
void flush(void)
{
	size_t done = 0;

	while (done < used) {
		ssize_t n = write(out, buffer + done, used - done);

		if (n > 0) {
			done += (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd wait = { .fd = out, .events = POLLOUT };

			poll(&wait, 1, -1);
		} else if (errno != EINTR) {
			exit(1);
		}
	}
	used = 0;
}

/* One line: `mark`, what is said with what would break a line made blank, and the end. */
static void line(const char *mark, const char *said)
{
	char made[MOST_LINE];
	int n = snprintf(made, sizeof made, "%s%s", mark, said);

	if (n > MOST_LINE - 1)
		n = MOST_LINE - 1;
	for (int i = 0; i < n; i++)
		if (made[i] == '\n' || made[i] == '\r')
			made[i] = ' ';
	if (used + (size_t)n + 1 > sizeof buffer)
		flush();
	memcpy(buffer + used, made, (size_t)n);
	used += (size_t)n;
	buffer[used++] = '\n';
}

void text(const char *format, ...)
{
	char made[MOST_LINE];
	va_list args;

	if (lines == MOST_LINES)
		return;
	if (++lines == MOST_LINES)
		format = "[TRUNCATED]";
	va_start(args, format);
	vsnprintf(made, sizeof made, format, args);
	va_end(args);
	line("| ", made);
}

/* The last line: `word`, the number of the request, and what there is to say. */
static void end(const char *word, const char *said)
{
	char mark[32];

	snprintf(mark, sizeof mark, "%s %" PRIu32 "%s", word, answering, said[0] == '\0' ? "" : " ");
	line(mark, said);
	lines = 0;
}

void ok(const char *format, ...)
{
	char made[MOST_LINE];
	va_list args;

	va_start(args, format);
	vsnprintf(made, sizeof made, format, args);
	va_end(args);
	end("ok", made);
}

void error(int errnum, const char *what)
{
	char made[MOST_LINE];

	snprintf(made, sizeof made, "%d %s: %s", errnum, what, strerror(errnum));
	end("err", made);
}

void usage(const char *expected)
{
	char made[MOST_LINE];

	snprintf(made, sizeof made, "%d usage: %s", EINVAL, expected);
	end("err", made);
}

/* Cuts `from` in place. A last line without an end is a line. */
void text_lines(char *from, size_t length)
{
	char *end_of_all = from + length;

	while (from < end_of_all) {
		char *newline = memchr(from, '\n', (size_t)(end_of_all - from));
		char *stop = newline ? newline : end_of_all;

		text("%.*s", (int)(stop - from), from);
		from = stop + 1;
	}
}

void hex_lines(const uint8_t *from, size_t length)
{
	for (size_t i = 0; i < length; i += 32) {
		char made[65];
		size_t n = length - i < 32 ? length - i : 32;

		for (size_t j = 0; j < n; j++)
			sprintf(made + 2 * j, "%02x", from[i + j]);
		text("%s", made);
	}
}
