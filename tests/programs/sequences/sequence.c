/* SPDX-License-Identifier: BSD-3-Clause */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sequence.h"

#define STEPS_MIN 10
#define STEPS_MAX 40

static void
print_trail(const struct sequence *sequence)
{
	unsigned int i;

	for (i = 0; i < sequence->n; i++)
		printf("#   %s\n", sequence->trail[i]);
}

void
sequence_violation(struct sequence *sequence, const char *format, ...)
{
	va_list args;

	if (sequence->violations++ == 0)
		print_trail(sequence);
	printf("# violation: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void
sequence_note(struct sequence *sequence, const char *format, ...)
{
	va_list args;

	if (sequence->n == SEQUENCE_STEPS)
		return;
	va_start(args, format);
	vsnprintf(sequence->trail[sequence->n++], SEQUENCE_TEXT, format, args);
	va_end(args);
}

static void
begin(struct sequence *sequence, uint64_t seed)
{
	unsigned int i;

	sequence->n = 0;
	sequence->violations = 0;
	sequence->dice.state = seed;
	sequence->model = (struct model){
		.arena = sequence->arena,
		.vfio = sequence->fleet->vfio,
		.n_devices = sequence->fleet->list.n,
	};
	for (i = 0; i < sequence->model.n_devices; i++)
		sequence->model.present[i] = true;
}

/* As a program should: unmap, then unregister. */
static void
unmap_all(struct sequence *sequence)
{
	struct record *record = sequence->model.records;

	for (; record < &sequence->model.records[MODEL_RECORDS]; record++)
		while (record->references != 0 && sequence->violations == 0) {
			const struct range range = record->range;

			step_unmap(sequence, record->device, &range, true);
			look_at_all(sequence);
		}
}

static void
plug_all(struct sequence *sequence)
{
	unsigned int i;

	for (i = 0; i < sequence->model.n_devices; i++)
		if (!sequence->model.present[i])
			step_plug(sequence, i);
}

/* What a violation may have left is removed; without one there is nothing. */
static void
end(struct sequence *sequence)
{
	int error;

	unmap_all(sequence);
	plug_all(sequence);
	if (sequence->violations != 0) {
		look_and_unmap(sequence);
		memset(sequence->model.records, 0, sizeof(sequence->model.records));
		memset(sequence->model.mappings, 0, sizeof(sequence->model.mappings));
	}
	error = arena_clear(sequence->arena);
	if (error != 0)
		sequence_violation(sequence, "the memory cannot be cleared: errno %d", error);
	if (sequence->violations == 0)
		look_at_all(sequence);
}

unsigned int
sequence_run(struct sequence *sequence, uint64_t seed)
{
	unsigned int steps;

	begin(sequence, seed);
	step_begin(sequence);
	steps = STEPS_MIN + sequence_roll(sequence, STEPS_MAX - STEPS_MIN + 1);
	for (; steps > 0 && sequence->violations == 0; steps--) {
		step_take(sequence);
		if (sequence->violations == 0)
			look_at_all(sequence);
		if (sequence->violations == 0 && sequence->reach != 0)
			reach_try(sequence);
	}
	end(sequence);
	return sequence->violations;
}
