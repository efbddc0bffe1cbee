/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "report.h"

static char *text; /* output of the last print() */

static const char *
print(void (*form)(FILE *, const struct report *), const struct report *report)
{
	size_t len;
	FILE *out;

	free(text);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	form(out, report);
	assert_int_equal(fclose(out), 0);
	return text;
}

/* The output for scripts: one object on one line. The caller owns it. */
static json_t *
print_json(const struct report *report)
{
	size_t len;
	FILE *out;
	json_t *root;

	free(text);
	out = open_memstream(&text, &len);
	assert_non_null(out);
	assert_int_equal(report_json(out, report), 0);
	assert_int_equal(fclose(out), 0);
	assert_ptr_equal(strchr(text, '\n'), text + len - 1);
	root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(root);
	return root;
}

static int
free_text(void **state)
{
	free(text);
	text = NULL;
	return 0;
}

static struct report_row
good_row(const char *name)
{
	struct report_row row = {
		.driver = "mlx5_ext", .backend = "driver", .memory = "anon", .bytes = 4 << 20,
		.mapped = true, .map_us = 312.54, .unmap_us = 98, .tx = 1000, .rx = 1000,
		.verified = 1000, .after_unmap = "refused (tx dropped)", .refused = true,
		.ok = true,
	};

	snprintf(row.name, sizeof(row.name), "%s", name);
	return row;
}

static struct report_row
refused_row(void)
{
	return (struct report_row){
		.name = "0000:00:15.0", .backend = "none", .memory = "anon", .bytes = 4 << 20,
		.unmap_us = -1, .error = "ENOTSUP: no backend", .ok = true,
	};
}

static void
assert_has(const char *needle)
{
	if (strstr(text, needle) == NULL)
		fail_msg("no '%s' in:\n%s", needle, text);
}

static void
all_good_rows_are_ok(void **state)
{
	struct report_row rows[] = {good_row("a"), refused_row()};
	struct report report = {.rows = rows, .n_rows = 2};

	report_judge(&report);
	assert_true(report.ok);
	assert_string_equal(report.error, "");
}

static void
one_bad_row_is_not_ok(void **state)
{
	struct report_row rows[] = {good_row("a"), good_row("b")};
	struct report report = {.rows = rows, .n_rows = 2};

	rows[1].ok = false;
	report_judge(&report);
	assert_false(report.ok);
}

/* Of a report with this row alone. */
static const char *
advice(struct report_row row)
{
	static struct report report;

	report = (struct report){.rows = &row, .n_rows = 1};
	report_judge(&report);
	assert_false(report.ok);
	return report.error;
}

static void
advice_follows_from_the_refusal(void **state)
{
	struct report_row row = refused_row();

	row.refusal = ENOTSUP;
	assert_non_null(strstr(advice(row), "bind a NIC to vfio-pci"));
	row.unclaimed_vfio = true;
	assert_non_null(strstr(advice(row), "0000:00:15.0 is on vfio-pci, but no driver"));
	row.no_dmabufs = true;
	assert_non_null(strstr(advice(row), "map the memory that it is made of"));
	row.no_dmabufs = false;
	row.refusal = EINVAL;
	assert_non_null(strstr(advice(row), "0000:00:15.0 is on vfio-pci, but no driver"));
	row.unclaimed_vfio = false;
	snprintf(row.driver, sizeof(row.driver), "net_virtio");
	assert_non_null(strstr(advice(row), "--address-bits=39"));
	row.refusal = ENOMEM;
	assert_non_null(strstr(advice(row), "ulimit -l"));
	row.refusal = EEXIST;
	assert_non_null(strstr(advice(row), "--base-virtaddr"));
	row.refusal = EFAULT;
	assert_non_null(strstr(advice(row), "log on stderr"));
}

/* Others on the same run do not need it. */
static void
one_refused_row_is_not_ok_with_advice(void **state)
{
	struct report_row rows[] = {good_row("a"), refused_row(), refused_row()};
	struct report report = {.rows = rows, .n_rows = 3};

	snprintf(rows[2].name, sizeof(rows[2].name), "0000:00:12.0");
	snprintf(rows[2].driver, sizeof(rows[2].driver), "net_e1000_em");
	rows[2].refusal = EINVAL;
	rows[2].ok = false;
	report_judge(&report);
	assert_false(report.ok);
	assert_non_null(strstr(report.error, "0000:00:12.0 could not map the memory: "));
	assert_non_null(strstr(report.error, "--address-bits=39"));
}

static void
nothing_mapped_is_not_ok_with_advice(void **state)
{
	assert_non_null(strstr(advice(refused_row()), "vfio-pci"));
}

static void
software_devices_alone_map_nothing(void **state)
{
	struct report_row rows[] = {good_row("net_ring0")};
	struct report report = {.rows = rows, .n_rows = 1};

	strcpy(rows[0].backend, "none");
	report_judge(&report);
	assert_false(report.ok);
}

static void
no_device_is_not_ok(void **state)
{
	struct report report = {0};

	report_judge(&report);
	assert_false(report.ok);
	assert_non_null(strstr(report.error, "no device"));
	json_decref(print_json(&report));
	print(report_table, &report);
	assert_has("FAILED: 0 devices");
}

static void
an_error_of_the_run_stays(void **state)
{
	struct report report = {.error = "no hugepages"};

	report_judge(&report);
	assert_false(report.ok);
	assert_string_equal(report.error, "no hugepages");
}

static void
json_has_the_fields_that_scripts_read(void **state)
{
	struct report_row rows[] = {good_row("0000:00:10.0"), refused_row()};
	struct report report = {.rows = rows, .n_rows = 2};

	report_judge(&report);
	json_decref(print_json(&report));
	assert_has("{\"ok\":true,");
	assert_has("\"name\":\"0000:00:10.0\"");
	assert_has("\"driver\":\"mlx5_ext\"");
	assert_has("\"backend\":\"driver\"");
	assert_has("\"memory\":\"anon\",\"bytes\":4194304");
	assert_has("\"map_us\":312.5,\"tx\":1000,\"rx\":1000,\"verified\":1000,\"unmap_us\":98.0");
	assert_has("\"after_unmap\":\"refused (tx dropped)\"");
	assert_has("\"driver\":null");
	assert_has("\"map_us\":null");
	assert_has("\"unmap_us\":null,\"after_unmap\":null,\"error\":\"ENOTSUP: no backend\"");
}

static void
json_has_any_text(void **state)
{
	struct report_row rows[] = {good_row("a\"b\\c\n\xe9")}; /* not UTF-8 */
	struct report report = {.rows = rows, .n_rows = 1};
	json_t *root = print_json(&report);

	assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(root,
		"devices"), 0), "name")), "a\"b\\c\n?");
	json_decref(root);
}

/* Start of the n-th line of text. */
static const char *
line_at(int n)
{
	const char *p = text;

	while (n-- > 0)
		p = strchr(p, '\n') + 1;
	return p;
}

static void
table_columns_are_aligned(void **state)
{
	struct report_row rows[] = {good_row("0000:00:10.0"), good_row("x")};
	struct report report = {.rows = rows, .n_rows = 2};
	const char *heading, *cell;

	rows[1].tx = 12345678901;
	rows[1].inferred = true;
	report_judge(&report);
	print(report_table, &report);
	heading = strstr(text, "AFTER UNMAP");
	assert_non_null(heading);
	cell = line_at(1) + (heading - text);
	assert_memory_equal(cell, "refused", 7);
	cell = line_at(2) + (heading - text);
	assert_memory_equal(cell, "refused", 7);
	assert_has("driver*");
	assert_has("OK: 2 devices, 2 mapped");
}

static void
table_ends_with_a_summary(void **state)
{
	struct report_row rows[] = {good_row("a"), refused_row()};
	struct report report = {.rows = rows, .n_rows = 2};
	const char *last = "OK: 2 devices, 1 mapped, tx 1000 rx 1000 verified 1000, "
		"1 refused after unmap\n";

	report_judge(&report);
	print(report_table, &report);
	assert_has("not mapped");
	assert_has("0000:00:15.0: ENOTSUP: no backend\n");
	assert_true(strlen(text) > strlen(last));
	assert_string_equal(text + strlen(text) - strlen(last), last);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_good_rows_are_ok),
		cmocka_unit_test(one_bad_row_is_not_ok),
		cmocka_unit_test(advice_follows_from_the_refusal),
		cmocka_unit_test(one_refused_row_is_not_ok_with_advice),
		cmocka_unit_test(nothing_mapped_is_not_ok_with_advice),
		cmocka_unit_test(software_devices_alone_map_nothing),
		cmocka_unit_test_teardown(no_device_is_not_ok, free_text),
		cmocka_unit_test(an_error_of_the_run_stays),
		cmocka_unit_test_teardown(json_has_the_fields_that_scripts_read, free_text),
		cmocka_unit_test_teardown(json_has_any_text, free_text),
		cmocka_unit_test_teardown(table_columns_are_aligned, free_text),
		cmocka_unit_test_teardown(table_ends_with_a_summary, free_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
