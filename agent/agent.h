/*
 * The agent of Doorbell: carries out requests that come as lines and says what the kernel answered.
 * The protocol is in PROTOCOL.md. One thread, one request at a time; nothing is cached between
 * requests but descriptors, memory mapped for DMA and the places up to which logs were read.
 */
#ifndef DOORBELL_AGENT_H
#define DOORBELL_AGENT_H

#include <stddef.h>
#include <stdint.h>

enum {
	PROTOCOL_VERSION = 3,
	MOST_REQUEST = 1024,	/* with the end of the line */
	MOST_LINE = 2048,	/* of an answer, with its mark and end */
	MOST_LINES = 65536,
	MOST_ARGS = 16,
	MOST_OPEN = 32,		/* containers, groups, devices: of each */
	MOST_VECTORS = 2048,
	MOST_FILE = 1 << 20,
	MOST_DMA = 64 << 20,
	DEADLINE_MS = 10000,
};

/*
 * A request without its number, cut into its words; `rest[n]` is where word n begins, to the end of
 * the line.
 */
struct request {
	int count;
	const char *word[MOST_ARGS];
	const char *rest[MOST_ARGS];
	char words[MOST_REQUEST];
	char line[MOST_REQUEST];
};

/*
 * answer.c: each handler says exactly one of ok(), error() or usage(), after any number of text().
 */
void answer_to(int fd);
void answer_number(uint32_t number);	/* which request the next answer is to */
void text(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ok(const char *format, ...) __attribute__((format(printf, 1, 2)));
void error(int number, const char *what);
void usage(const char *expected);
void text_lines(char *from, size_t length);
void hex_lines(const uint8_t *from, size_t length);
void flush(void);

/* words.c: false, after usage(), when the word is missing or no such thing. */
int number(const struct request *r, int at, uint64_t most, uint64_t *to);
int bdf(const struct request *r, int at, const char **to);
int on_off(const struct request *r, int at, int *to);
int name(const struct request *r, int at, const char **to);
int kind(const struct request *r, int at, int *irq_index);

/* files.c */
int read_file(const char *path, char *to, size_t size);
int write_file(const char *path, const char *what, int flags);
int bound_driver(const char *bdf, char *to, size_t size);
int group_of(const char *bdf, char *to, size_t size);

/* What other files need of a VFIO device: -1 when BDF is not open. */
int vfio_device(const char *bdf);
int vfio_config_region(int device, uint64_t *offset);
void vfio_close_all(void);
void interrupts_forget(const char *bdf);
int tell_interrupts(const char *mark, int everything);
int bar_write(const char *bdf, int through_vfio, int bar, uint64_t offset, uint32_t value);

/* Reads or writes `size` bytes (1, 2, 4) of little-endian at an offset. */
int pread_value(int fd, uint64_t offset, int size, uint32_t *value);
int pwrite_value(int fd, uint64_t offset, int size, uint32_t value);
int sysfs_config(const char *bdf, int flags);

/* Reads what the kernel logged before the agent began, so that `klog` begins here. */
void klog_begin(void);

/*
 * guest.c: what a guest needs before the agent can serve, and the descriptor of its console; -1
 * when there is none.
 */
int begin_guest(const char *console);
int load_module(const char *name);

/* How many milliseconds a clock has run that never goes back. */
int64_t now_ms(void);

/* Handlers, by the file that has them. */
typedef void handler(const struct request *);
handler do_put, do_append, do_get, do_cpu;				/* files.c */
handler do_present, do_bind, do_unbind, do_driver, do_group, do_settype;		/* drivers.c */
handler do_copen, do_cclose, do_gopen, do_gclose, do_dopen, do_dclose;	/* vfio.c */
handler do_iommufd;
handler do_dmamap, do_dmaunmap, do_iovas, do_peek, do_poke;			/* dma.c */
handler do_irqs, do_irqneg, do_irqoff, do_ev;				/* eventfds.c */
handler do_irqnum, do_msiirqs, do_aff, do_eff, do_counts;		/* irqs.c */
handler do_w, do_r, do_sw, do_sr;					/* bars.c */
handler do_cfgr, do_cfgw, do_vcfgr, do_vcfgw, do_cfg, do_msixtable, do_busreset, do_mem; /* config.c */
handler do_fire, do_sfire, do_dma, do_sdma;				/* fire.c */
handler do_tstart, do_tstop, do_probe, do_event, do_trace, do_klog;	/* trace.c */
handler do_sh, do_sleep;						/* shell.c */
handler do_module;							/* guest.c */
handler do_state;							/* state.c */

/* dma.c keeps what is mapped, by container. */
void dma_forget(int container);
int container_of(const char *name);

#endif
