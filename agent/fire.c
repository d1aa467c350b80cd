/*
 * Interrupts and DMA on request. Registers of QEMU 7.2: hw/net/rocker/rocker_hw.h, hw/misc/edu.c,
 * hw/net/e1000x_regs.h. A device is added by adding to `recipes`.
 */
#include <errno.h>
#include <string.h>

#include "agent.h"

struct target {
	const char *bdf;
	int vfio;
};

static int poke(const struct target *t, uint64_t offset, uint32_t value)
{
	return bar_write(t->bdf, t->vfio, 0, offset, value);
}

/* ROCKER_TEST_IRQ: raises the vector; one that the device does not have is ignored by it. */
static int rocker(const struct target *t, uint32_t vector)
{
	return poke(t, 0x20, vector);
}

/* Raise, acknowledge: edu sends its MSI when a status bit is set and none was. */
static int edu(const struct target *t, uint32_t vector)
{
	(void)vector;
	return poke(t, 0x60, 1) < 0 ? -1 : poke(t, 0x64, 1);
}

enum { ICR = 0xc0, ICS = 0xc8, IMS = 0xd0, IVAR = 0xe4 };

/* Cause n is routed to vector n (valid bits set), causes are cleared and unmasked, one is set. */
static int e1000e(const struct target *t, uint32_t vector)
{
	if (poke(t, IVAR, 0x800cba98) < 0 || poke(t, ICR, 0xffffffff) < 0 ||
	    poke(t, IMS, 0x01f00000) < 0)
		return -1;
	return poke(t, ICS, 1u << (20 + vector));
}

/*
 * Linux routes receive queue 0 to vector 0 and transmit queue 0 to vector 1 (e1000_configure_msix).
 */
static int e1000e_driver(const struct target *t, uint32_t vector)
{
	return poke(t, ICS, vector == 0 ? 1u << 20 : 1u << 22);
}

static const struct {
	const char *name;
	uint32_t vectors;
	int (*fire)(const struct target *, uint32_t vector);
} recipes[] = {
	{ "rocker", MOST_VECTORS, rocker },
	{ "edu", 1, edu },
	{ "e1000e", 5, e1000e },
	{ "e1000e-driver", 2, e1000e_driver },
};

static void fire(const struct request *r, int vfio)
{
	struct target t = { .vfio = vfio };
	uint64_t vector;

	if (!bdf(r, 1, &t.bdf))
		return;
	for (size_t i = 0; r->count > 2 && i < sizeof recipes / sizeof *recipes; i++) {
		if (strcmp(r->word[2], recipes[i].name) != 0)
			continue;
		if (!number(r, 3, recipes[i].vectors - 1, &vector))
			return;
		if (recipes[i].fire(&t, (uint32_t)vector) < 0)
			error(errno, "BAR");
		else
			ok("%s", "");
		return;
	}
	usage("fire BDF rocker|edu|e1000e|e1000e-driver VECTOR");
}

/* ROCKER_TEST_DMA_ADDR, _SIZE, _CTRL (1: clear). Its end raises vector 2. */
static void dma(const struct request *r, int vfio)
{
	struct target t = { .vfio = vfio };
	uint64_t address;

	if (!bdf(r, 1, &t.bdf))
		return;
	if (r->count != 4 || strcmp(r->word[2], "rocker") != 0) {
		usage("dma BDF rocker ADDRESS");
		return;
	}
	if (!number(r, 3, UINT64_MAX, &address))
		return;
	if (poke(&t, 0x28, (uint32_t)address) < 0 || poke(&t, 0x2c, (uint32_t)(address >> 32)) < 0 ||
	    poke(&t, 0x30, 4) < 0 || poke(&t, 0x34, 1) < 0)
		error(errno, "BAR");
	else
		ok("%s", "");
}

void do_fire(const struct request *r)
{
	fire(r, 1);
}

void do_sfire(const struct request *r)
{
	fire(r, 0);
}

void do_dma(const struct request *r)
{
	dma(r, 1);
}

void do_sdma(const struct request *r)
{
	dma(r, 0);
}
