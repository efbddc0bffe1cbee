/* SPDX-License-Identifier: BSD-3-Clause */
#include <string.h>

#include "common/checks.h"
#include "common/settings.h"
#include "device/device.h"
#include "packet/frame.h"
#include "queue/checker.h"

#define MAGIC 0x50f7ca11u
/* Lanes at a time; an older one is forgotten. */
#define LANES 1024u

/* The last bytes of a frame. */
struct stamp {
	uint32_t magic;
	uint32_t lane;
	uint32_t sequence;
	uint32_t digest;	/* of all before it */
};

/* Where a lane's frames are expected to go on. Engines of several devices may look. */
static struct expectation {
	uint32_t lane;
	uint32_t sequence;
} expectations[LANES];
static uint32_t last_lane;

/* A multiplicative hash, eight bytes a step: any changed byte shows. */
static uint32_t
digest(const uint8_t *bytes, uint32_t len)
{
	uint64_t value = 0x9e3779b97f4a7c15u ^ len, word;

	for (; len >= 8; bytes += 8, len -= 8) {
		memcpy(&word, bytes, 8);
		value = (value ^ word) * 0x9fb21c651e98df25u;
		value ^= value >> 32;
	}
	for (word = 0; len > 0; len--)
		word = word << 8 | *bytes++;
	value = (value ^ word) * 0x9fb21c651e98df25u;
	return value ^ value >> 32;
}

void
hca_checker_end(struct hca_checker *checker)
{
	uint32_t lane = checker->lane;

	/* Unless it was forgotten already. */
	__atomic_compare_exchange_n(&expectations[lane % LANES].lane, &lane, 0, false,
		__ATOMIC_RELAXED, __ATOMIC_RELAXED);
	*checker = (struct hca_checker){.lane = 0};
}

static void
begin(struct hca_checker *checker)
{
	struct expectation *expected;

	checker->lane = __atomic_add_fetch(&last_lane, 1, __ATOMIC_RELAXED);
	checker->sequence = 0;
	expected = &expectations[checker->lane % LANES];
	__atomic_store_n(&expected->sequence, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&expected->lane, checker->lane, __ATOMIC_RELEASE);
}

void
hca_checker_stamp(struct hca_checker *checker, const struct hca_device *dev, uint32_t queue,
	uint8_t *bytes, uint32_t len)
{
	struct stamp stamp = {.magic = MAGIC};

	if (!hca_settings()->check || len < HCA_FRAME_MIN + sizeof(stamp))
		return;
	if (checker->lane == 0) {
		begin(checker);
		hca_trace("%s: rq %#x is lane %u", dev->ibv.name, queue, checker->lane);
	}
	stamp.lane = checker->lane;
	stamp.sequence = checker->sequence++;
	memcpy(bytes + len - sizeof(stamp), &stamp, sizeof(stamp));
	stamp.digest = digest(bytes, len - sizeof(stamp.digest));
	memcpy(bytes + len - sizeof(stamp.digest), &stamp.digest, sizeof(stamp.digest));
}

static void
check_order(struct hca_device *dev, struct expectation *expected, const struct stamp *stamp,
	const struct hca_place *place)
{
	uint32_t wanted = __atomic_load_n(&expected->sequence, __ATOMIC_RELAXED);
	int32_t ahead = stamp->sequence - wanted;

	if (ahead < 0) {
		hca_violation(HCA_FRAME_REPEATED, place, "lane %u: %u after %u", stamp->lane,
			stamp->sequence, wanted - 1);
		return;
	}
	if (ahead > 0)
		hca_violation(HCA_FRAME_LOST, place, "lane %u: %u to %u", stamp->lane, wanted,
			stamp->sequence - 1);
	__atomic_store_n(&expected->sequence, stamp->sequence + 1, __ATOMIC_RELAXED);
	dev->counters.verified++;
}

void
hca_checker_verify(struct hca_device *dev, uint32_t queue, const uint8_t *bytes, uint32_t len)
{
	struct hca_place place = {dev->ibv.name, "sq", queue, 0, bytes, len < 64 ? len : 64};
	struct expectation *expected;
	struct stamp stamp;

	if (!hca_settings()->check || len < HCA_FRAME_MIN + sizeof(stamp))
		return;
	memcpy(&stamp, bytes + len - sizeof(stamp), sizeof(stamp));
	if (stamp.magic != MAGIC)
		return;
	if (stamp.digest != digest(bytes, len - sizeof(stamp.digest))) {
		hca_violation(HCA_FRAME_BYTES, &place, "lane %u frame %u, %u bytes", stamp.lane,
			stamp.sequence, len);
		return;
	}
	expected = &expectations[stamp.lane % LANES];
	if (__atomic_load_n(&expected->lane, __ATOMIC_ACQUIRE) == stamp.lane)
		check_order(dev, expected, &stamp, &place);
}
