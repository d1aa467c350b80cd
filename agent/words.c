/* Words of a request, checked: nothing unchecked becomes part of a path or an offset. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vfio.h>

#include "agent.h"

int number(const struct request *r, int at, uint64_t most, uint64_t *to)
{
	const char *word = at < r->count ? r->word[at] : "";
	int base = word[0] == '0' && word[1] == 'x' ? 16 : 10;
	char *end;

	errno = 0;
	*to = strtoull(word, &end, base);
	if (!isdigit((unsigned char)word[0]) || *end != '\0' || errno != 0 || *to > most) {
		usage("a number, decimal or 0x hexadecimal, in its range");
		return 0;
	}
	return 1;
}

/* 0000:00:04.0 */
int bdf(const struct request *r, int at, const char **to)
{
	static const char shape[] = "xxxx:xx:xx.x";
	const char *word = at < r->count ? r->word[at] : "";
	int fits = strlen(word) == strlen(shape);

	for (size_t i = 0; fits && shape[i] != '\0'; i++)
		fits = shape[i] == 'x' ? isxdigit((unsigned char)word[i]) != 0 : word[i] == shape[i];
	if (!fits)
		usage("a PCI address such as 0000:00:04.0");
	*to = word;
	return fits;
}

/* Of a container, a driver, a domain type, an event. */
int name(const struct request *r, int at, const char **to)
{
	const char *word = at < r->count ? r->word[at] : "";
	size_t length = strlen(word);
	int fits = length > 0 && length < 32 && word[0] != '.';

	for (size_t i = 0; fits && i < length; i++)
		fits = isalnum((unsigned char)word[i]) || strchr("-_.", word[i]) != NULL;
	if (!fits)
		usage("a name of 1 to 31 letters, digits, - _ .");
	*to = word;
	return fits;
}

int kind(const struct request *r, int at, int *irq_index)
{
	const char *word = at < r->count ? r->word[at] : "";

	if (strcmp(word, "msi") == 0)
		*irq_index = VFIO_PCI_MSI_IRQ_INDEX;
	else if (strcmp(word, "msix") == 0)
		*irq_index = VFIO_PCI_MSIX_IRQ_INDEX;
	else {
		usage("msi or msix");
		return 0;
	}
	return 1;
}

int on_off(const struct request *r, int at, int *to)
{
	const char *word = at < r->count ? r->word[at] : "";

	*to = strcmp(word, "on") == 0;
	if (!*to && strcmp(word, "off") != 0) {
		usage("on or off");
		return 0;
	}
	return 1;
}
