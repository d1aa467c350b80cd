/* User mappings of a container: memory of the agent, at the IOVA that the host asks for. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "agent.h"

enum { MOST_MAPPINGS = 256 };

static struct mapping {
	int container;	/* free: 0 */
	uint64_t iova;
	uint64_t size;
	uint8_t *memory;
} mappings[MOST_MAPPINGS];

static void drop(struct mapping *m)
{
	munmap(m->memory, m->size);
	m->container = 0;
}

/* The container is closed: VFIO has unpinned, or will when the last group leaves. */
void dma_forget(int container)
{
	for (int i = 0; i < MOST_MAPPINGS; i++)
		if (mappings[i].container == container)
			drop(&mappings[i]);
}

/* True, with the container's descriptor, when word 1 is the name of an open one. */
static int opened(const struct request *r, int *container)
{
	const char *as;

	if (!name(r, 1, &as))
		return 0;
	*container = container_of(as);
	if (*container < 0)
		error(ENOENT, as);
	return *container >= 0;
}

static int protection(const char *word, uint32_t *flags)
{
	static const struct { const char *word; uint32_t flags; } known[] = {
		{ "r", VFIO_DMA_MAP_FLAG_READ },
		{ "w", VFIO_DMA_MAP_FLAG_WRITE },
		{ "rw", VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE },
	};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(word, known[i].word) == 0) {
			*flags = known[i].flags;
			return 1;
		}
	usage("r, w or rw");
	return 0;
}

void do_dmamap(const struct request *r)
{
	struct vfio_iommu_type1_dma_map map = { .argsz = sizeof map };
	struct mapping *slot = mappings;
	uint64_t iova, size;
	uint32_t flags;
	int container;
	void *memory;

	if (!opened(r, &container) || !number(r, 2, UINT64_MAX, &iova) ||
	    !number(r, 3, MOST_DMA, &size) || !protection(r->count > 4 ? r->word[4] : "", &flags))
		return;
	while (slot < mappings + MOST_MAPPINGS && slot->container != 0)
		slot++;
	if (slot == mappings + MOST_MAPPINGS) {
		error(EMFILE, "dmamap");
		return;
	}
	/* A size that is no multiple of a page, or nothing, is the kernel's to refuse. */
	memory = mmap(NULL, size == 0 ? 1 : size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED) {
		error(errno, "mmap");
		return;
	}
	map.flags = flags;
	map.vaddr = (uintptr_t)memory;
	map.iova = iova;
	map.size = size;
	if (ioctl(container, VFIO_IOMMU_MAP_DMA, &map) < 0) {
		int why = errno;

		munmap(memory, size == 0 ? 1 : size);
		error(why, "VFIO_IOMMU_MAP_DMA");
		return;
	}
	*slot = (struct mapping){ container, iova, size, memory };
	ok("%s", "");
}

void do_dmaunmap(const struct request *r)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof unmap };
	uint64_t iova, size;
	int container;

	if (!opened(r, &container) || !number(r, 2, UINT64_MAX, &iova) ||
	    !number(r, 3, UINT64_MAX, &size))
		return;
	unmap.iova = iova;
	unmap.size = size;
	if (ioctl(container, VFIO_IOMMU_UNMAP_DMA, &unmap) < 0) {
		error(errno, "VFIO_IOMMU_UNMAP_DMA");
		return;
	}
	for (int i = 0; i < MOST_MAPPINGS; i++) {
		struct mapping *m = &mappings[i];

		if (m->container == container && m->iova >= iova && m->iova - iova < size)
			drop(m);
	}
	ok("0x%llx", (unsigned long long)unmap.size);
}

static void print_ranges(const struct vfio_iommu_type1_info *info, uint32_t offset)
{
	const struct vfio_info_cap_header *header;

	for (; offset != 0 && offset < info->argsz; offset = header->next) {
		header = (const void *)((const char *)info + offset);
		if (header->id != VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
			continue;
		const struct vfio_iommu_type1_info_cap_iova_range *ranges = (const void *)header;

		for (uint32_t i = 0; i < ranges->nr_iovas; i++)
			text("iova %llx-%llx", (unsigned long long)ranges->iova_ranges[i].start,
			     (unsigned long long)ranges->iova_ranges[i].end);
	}
}

void do_iovas(const struct request *r)
{
	static uint64_t room[512];
	struct vfio_iommu_type1_info *info = (void *)room;
	int container;

	if (!opened(r, &container))
		return;
	memset(room, 0, sizeof room);
	info->argsz = sizeof room;
	if (ioctl(container, VFIO_IOMMU_GET_INFO, info) < 0) {
		error(errno, "VFIO_IOMMU_GET_INFO");
		return;
	}
	text("pgsizes 0x%llx", (unsigned long long)info->iova_pgsizes);
	if (info->flags & VFIO_IOMMU_INFO_CAPS)
		print_ranges(info, info->cap_offset);
	ok("%s", "");
}

/* `length` bytes of what is mapped at `iova`, or NULL. */
static uint8_t *memory_at(int container, uint64_t iova, uint64_t length)
{
	for (int i = 0; i < MOST_MAPPINGS; i++) {
		struct mapping *m = &mappings[i];
		uint64_t into = iova - m->iova;

		if (m->container == container && iova >= m->iova && into < m->size && length <= m->size - into)
			return (uint8_t *)m->memory + into;
	}
	return NULL;
}

void do_peek(const struct request *r)
{
	uint64_t iova, length;
	uint8_t *at;
	int container;

	if (!opened(r, &container) || !number(r, 2, UINT64_MAX, &iova) || !number(r, 3, 4096, &length))
		return;
	at = memory_at(container, iova, length);
	if (at == NULL) {
		error(EFAULT, "peek");
		return;
	}
	hex_lines(at, length);
	ok("%s", "");
}

/* Little-endian, as devices read it. */
void do_poke(const struct request *r)
{
	uint64_t iova, value;
	uint8_t *at;
	int container;

	if (!opened(r, &container) || !number(r, 2, UINT64_MAX, &iova) || !number(r, 3, UINT32_MAX, &value))
		return;
	at = memory_at(container, iova, 4);
	if (at == NULL) {
		error(EFAULT, "poke");
		return;
	}
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
	ok("%s", "");
}
