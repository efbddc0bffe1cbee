/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "args.h"

#define MAX_ARGC 8

static char message[256];

/* Parses the words of line, the arguments after "--". */
static int
parse(struct args *args, const char *line)
{
	static char words[256];
	char *argv[MAX_ARGC] = {(char *)(uintptr_t)"--"};
	int argc = 1;
	char *word;

	snprintf(words, sizeof(words), "%s", line);
	for (word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
		assert_true(argc < MAX_ARGC - 1);
		argv[argc++] = word;
	}
	return args_parse(args, argc, argv, message, sizeof(message));
}

static void
assert_refused(const char *line, const char *named)
{
	struct args args;

	assert_int_equal(parse(&args, line), -EINVAL);
	if (strstr(message, named) == NULL)
		fail_msg("'%s' says '%s', without '%s'", line, message, named);
}

static void
nothing_is_defaults(void **state)
{
	struct args args;

	assert_int_equal(parse(&args, ""), 0);
	assert_int_equal(args.memory, MEMKIND_ANON);
	assert_int_equal(args.size, 4 << 20);
	assert_int_equal(args.packets, 1000);
	assert_int_equal(args.packet_size, 1024);
	assert_int_equal(args.window, 32);
	assert_false(args.json);
	assert_false(args.help);
}

static void
every_option_is_taken(void **state)
{
	struct args args;

	assert_int_equal(parse(&args, "--memory=huge --size=8M --packets=5 --packet-size 64"), 0);
	assert_int_equal(args.memory, MEMKIND_HUGE);
	assert_int_equal(args.size, 8 << 20);
	assert_int_equal(args.packets, 5);
	assert_int_equal(args.packet_size, 64);
	assert_int_equal(parse(&args, "--copies=3 --window=1 --timeout=2 --address-bits=39 --json --help"), 0);
	assert_int_equal(args.copies, 3);
	assert_int_equal(args.window, 1);
	assert_int_equal(args.timeout_ms, 2000);
	assert_int_equal(args.address_bits, 39);
	assert_true(args.json);
	assert_true(args.help);
}

static void
window_is_bounded_in_bytes_unless_given(void **state)
{
	struct args args;

	assert_int_equal(parse(&args, "--packet-size=9014"), 0);
	assert_int_equal(args.window, 3);
	assert_int_equal(parse(&args, "--packet-size=64"), 0);
	assert_int_equal(args.window, 32);
	assert_int_equal(parse(&args, "--window=64 --packet-size=9014"), 0);
	assert_int_equal(args.window, 64);
}

static void
every_memory_has_its_name(void **state)
{
	static const char *const names[] = {"anon", "huge", "memfd", "file", "dmabuf"};
	char line[32];
	struct args args;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(line, sizeof(line), "--memory=%s", names[i]);
		assert_int_equal(parse(&args, line), 0);
		assert_string_equal(memkind_name(args.memory), names[i]);
	}
}

static void
sizes_have_suffixes(void **state)
{
	struct args args;

	assert_int_equal(parse(&args, "--size=2097152"), 0);
	assert_int_equal(args.size, 2 << 20);
	assert_int_equal(parse(&args, "--size=2048k"), 0);
	assert_int_equal(args.size, 2 << 20);
	assert_int_equal(parse(&args, "--size=1G"), 0);
	assert_int_equal(args.size, 1 << 30);
}

static void
bad_values_are_named(void **state)
{
	assert_refused("--memory=heap", "--memory=heap");
	assert_refused("--size=1", "--size=1");
	assert_refused("--size=4X", "--size=4X");
	assert_refused("--size=4MB", "--size=4MB");
	assert_refused("--size=-4M", "--size=-4M");
	assert_refused("--size=18446744073709551615G", "--size=18446744073709551615G");
	assert_refused("--size=99999999999999999999", "--size=99999999999999999999");
	assert_refused("--packets=0", "--packets=0");
	assert_refused("--packets=4294967297", "--packets=4294967297");
	assert_refused("--packets=10k", "--packets=10k");
	assert_refused("--packet-size=63", "--packet-size=63");
	assert_refused("--packet-size=9015", "--packet-size=9015");
	assert_refused("--copies=x", "--copies=x");
	assert_refused("--window=129", "--window=129");
	assert_refused("--timeout=0", "--timeout=0");
	assert_refused("--address-bits=30", "--address-bits=30");
	assert_refused("--address-bits=48", "--address-bits=48");
}

static void
bad_entries_are_named(void **state)
{
	assert_refused("--memroy=anon", "--memroy=anon");
	assert_refused("-x", "-x");
	assert_refused("-xy", "-x");
	assert_refused("--packets", "--packets");
	assert_refused("--json=yes", "--json=yes");
	assert_refused("port0", "port0");
}

static void
own_arguments_begin_after_two_dashes(void **state)
{
	char *with[] = {(char *)(uintptr_t)"demo", (char *)(uintptr_t)"-a",
		(char *)(uintptr_t)"--", (char *)(uintptr_t)"--json", NULL};

	assert_int_equal(args_split(4, with), 2);
	assert_int_equal(args_split(2, with), 2);
	assert_int_equal(args_split(1, with), 1);
}

static void
help_is_seen_before_eal_sees_it(void **state)
{
	char *argv[] = {(char *)(uintptr_t)"demo", (char *)(uintptr_t)"-h", NULL};

	assert_true(args_ask_help(2, argv));
	assert_false(args_ask_help(1, argv));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_defaults),
		cmocka_unit_test(every_option_is_taken),
		cmocka_unit_test(window_is_bounded_in_bytes_unless_given),
		cmocka_unit_test(every_memory_has_its_name),
		cmocka_unit_test(sizes_have_suffixes),
		cmocka_unit_test(bad_values_are_named),
		cmocka_unit_test(bad_entries_are_named),
		cmocka_unit_test(own_arguments_begin_after_two_dashes),
		cmocka_unit_test(help_is_seen_before_eal_sees_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
