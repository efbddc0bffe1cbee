/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the two forms of the report and the judgement over all rows.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "report.h"
#include "tenths.h"

#define CELL_LEN 64

enum column {
	COL_DEVICE, COL_DRIVER, COL_BACKEND, COL_MEMORY, COL_SIZE, COL_MAP, COL_TX, COL_RX,
	COL_VERIFIED, COL_UNMAP, COL_AFTER, COL_OK, N_COLS,
};

static const char *const headings[N_COLS] = {
	"DEVICE", "DRIVER", "BACKEND", "MEMORY", "SIZE[KiB]", "MAP[us]", "TX[pkt]", "RX[pkt]",
	"VERIFIED", "UNMAP[us]", "AFTER UNMAP", "OK",
};

static bool
is_number(int col)
{
	return col >= COL_SIZE && col <= COL_UNMAP;
}

struct table_line {
	char cell[N_COLS][CELL_LEN];
};

/* Whether a backend mapped for a device, so that the CPU alone does not move the data. */
static bool
is_mapped(const struct report_row *row)
{
	return row->mapped && strcmp(row->backend, "none") != 0;
}

/* The first refusal that says more than that no backend serves the device, or NULL. */
static const struct report_row *
first_refusal(const struct report *report)
{
	size_t i;

	for (i = 0; i < report->n_rows; i++)
		if (report->rows[i].refusal != 0 && report->rows[i].refusal != ENOTSUP &&
		    report->rows[i].driver[0] != '\0')
			return &report->rows[i];
	return NULL;
}

static const char *
advice_for_errno(int refusal)
{
	switch (refusal) {
	case EINVAL:
		return "the IOMMU may not accept IOVAs as high as these addresses: try "
			"--address-bits=39";
	case ENOMEM:
		return "raise the limit of locked memory (ulimit -l), or take less (--size)";
	case EEXIST:
		return "the IOVAs are in use: try --iova-mode=va, or another --base-virtaddr";
	default:
		return "the log on stderr has the reason";
	}
}

static bool
any_without_dmabufs(const struct report *report)
{
	size_t i;

	for (i = 0; i < report->n_rows; i++)
		if (report->rows[i].no_dmabufs)
			return true;
	return false;
}

/* all: no device could map the memory. */
static void
advise_by_refusal(const struct report_row *row, bool all, char *text, size_t size)
{
	snprintf(text, size, "%s could%s map the memory: %s", all ? "no device" : row->name,
		all ? "" : " not", advice_for_errno(row->refusal));
}

/* What to do when nothing could be mapped: by what the bus and the devices have said. */
static void
advise(const struct report *report, char *text, size_t size)
{
	const struct report_row *row = first_refusal(report);
	size_t i;

	if (row != NULL) {
		advise_by_refusal(row, true, text, size);
		return;
	}
	if (any_without_dmabufs(report)) {
		snprintf(text, size, "no device could map a dma-buf: the log on stderr has the "
			"reason; map the memory that it is made of, as --memory=memfd does");
		return;
	}
	for (i = 0; i < report->n_rows; i++) {
		if (!report->rows[i].unclaimed_vfio)
			continue;
		snprintf(text, size, "%s is on vfio-pci, but no driver of DPDK has claimed it: "
			"EAL's log on stderr has the reason (often ulimit -l, or a missing -d)",
			report->rows[i].name);
		return;
	}
	snprintf(text, size, "%s: bind a NIC to vfio-pci, or load librte_bus_pci_ext.so and "
		"librte_net_mlx5_ext.so with -d and allow an rdma device with -a",
		report->n_rows == 0 ? "no device found" : "no device could map the memory");
}

void
report_judge(struct report *report)
{
	const struct report_row *refusal = first_refusal(report);
	size_t i, mapped = 0;

	report->ok = report->error[0] == '\0';
	for (i = 0; i < report->n_rows; i++) {
		mapped += is_mapped(&report->rows[i]);
		report->ok = report->ok && report->rows[i].ok;
	}
	report->ok = report->ok && mapped > 0;
	if (report->error[0] != '\0')
		return;
	if (mapped == 0)
		advise(report, report->error, sizeof(report->error));
	else if (refusal != NULL)
		advise_by_refusal(refusal, false, report->error, sizeof(report->error));
}

static void
put_us(char cell[CELL_LEN], bool there, double us)
{
	if (there)
		snprintf(cell, CELL_LEN, "%.1f", us);
	else
		snprintf(cell, CELL_LEN, "-");
}

static void
put_text(char cell[CELL_LEN], const char *text)
{
	snprintf(cell, CELL_LEN, "%s", text == NULL || *text == '\0' ? "-" : text);
}

static void
put_line(struct table_line *line, const struct report_row *row)
{
	put_text(line->cell[COL_DEVICE], row->name);
	put_text(line->cell[COL_DRIVER], row->driver);
	snprintf(line->cell[COL_BACKEND], CELL_LEN, "%s%s", row->backend, row->inferred ? "*" : "");
	put_text(line->cell[COL_MEMORY], row->memory);
	snprintf(line->cell[COL_SIZE], CELL_LEN, "%" PRIu64, row->bytes >> 10);
	put_us(line->cell[COL_MAP], row->mapped, row->map_us);
	snprintf(line->cell[COL_TX], CELL_LEN, "%" PRIu64, row->tx);
	snprintf(line->cell[COL_RX], CELL_LEN, "%" PRIu64, row->rx);
	snprintf(line->cell[COL_VERIFIED], CELL_LEN, "%" PRIu64, row->verified);
	put_us(line->cell[COL_UNMAP], row->unmap_us >= 0, row->unmap_us);
	put_text(line->cell[COL_AFTER], row->mapped ? row->after_unmap : "not mapped");
	put_text(line->cell[COL_OK], row->ok ? "yes" : "NO");
}

static void
find_widths(int widths[N_COLS], const struct table_line *lines, size_t n)
{
	size_t i;
	int col;

	for (col = 0; col < N_COLS; col++) {
		widths[col] = (int)strlen(headings[col]);
		for (i = 0; i < n; i++) {
			int len = (int)strlen(lines[i].cell[col]);

			if (len > widths[col])
				widths[col] = len;
		}
	}
}

static void
print_line(FILE *out, const int widths[N_COLS], const struct table_line *line)
{
	int col;

	for (col = 0; col < N_COLS; col++) {
		const char *text = line != NULL ? line->cell[col] : headings[col];

		if (col == N_COLS - 1)
			fprintf(out, "%s\n", text);
		else
			fprintf(out, "%*s  ", is_number(col) ? widths[col] : -widths[col], text);
	}
}

static void
print_remarks(FILE *out, const struct report *report)
{
	bool inferred = false;
	size_t i;

	for (i = 0; i < report->n_rows; i++) {
		inferred = inferred || report->rows[i].inferred;
		if (report->rows[i].error[0] != '\0')
			fprintf(out, "%s: %s\n", report->rows[i].name, report->rows[i].error);
	}
	if (inferred)
		fprintf(out,
			"*: inferred from the kernel driver vfio-pci; not reported by the bus\n");
	if (report->error[0] != '\0')
		fprintf(out, "%s\n", report->error);
}

static void
print_summary(FILE *out, const struct report *report)
{
	uint64_t rx = 0, verified = 0, tx = 0;
	size_t i, mapped = 0, refused = 0;

	for (i = 0; i < report->n_rows; i++) {
		const struct report_row *row = &report->rows[i];

		mapped += is_mapped(row);
		refused += row->refused;
		tx += row->tx;
		rx += row->rx;
		verified += row->verified;
	}
	fprintf(out, "%s: %zu device%s, %zu mapped, tx %" PRIu64 " rx %" PRIu64 " verified %" PRIu64
		", %zu refused after unmap\n", report->ok ? "OK" : "FAILED", report->n_rows,
		report->n_rows == 1 ? "" : "s", mapped, tx, rx, verified, refused);
}

void
report_table(FILE *out, const struct report *report)
{
	struct table_line *lines;
	int widths[N_COLS];
	size_t i;

	lines = calloc(report->n_rows + 1, sizeof(*lines));
	if (lines == NULL)
		return;
	for (i = 0; i < report->n_rows; i++)
		put_line(&lines[i], &report->rows[i]);
	find_widths(widths, lines, report->n_rows);
	if (report->n_rows > 0)
		print_line(out, widths, NULL);
	for (i = 0; i < report->n_rows; i++)
		print_line(out, widths, &lines[i]);
	free(lines);
	print_remarks(out, report);
	print_summary(out, report);
}

/* A string, or null for NULL and "". JSON is UTF-8, which the name of a file in an error need not
 * be. */
static json_t *
json_text(const char *text)
{
	char ascii[256];
	size_t i;

	if (text == NULL || *text == '\0')
		return json_null();
	snprintf(ascii, sizeof(ascii), "%s", text);
	for (i = 0; ascii[i] != '\0'; i++)
		if ((unsigned char)ascii[i] >= 0x80)
			ascii[i] = '?';
	return json_string(ascii);
}

static json_t *
json_us(bool there, double us)
{
	return there ? json_tenths(us) : json_null();
}

static json_t *
json_row(const struct report_row *row)
{
	return json_pack("{s:o, s:o, s:o, s:b, s:o, s:I, s:o, s:I, s:I, s:I, s:o, s:o, s:o, s:b}",
		"name", json_text(row->name),
		"driver", json_text(row->driver),
		"backend", json_text(row->backend),
		"backend_inferred", row->inferred,
		"memory", json_text(row->memory),
		"bytes", (json_int_t)row->bytes,
		"map_us", json_us(row->mapped, row->map_us),
		"tx", (json_int_t)row->tx,
		"rx", (json_int_t)row->rx,
		"verified", (json_int_t)row->verified,
		"unmap_us", json_us(row->unmap_us >= 0, row->unmap_us),
		"after_unmap", json_text(row->mapped ? row->after_unmap : NULL),
		"error", json_text(row->error),
		"ok", row->ok);
}

int
report_json(FILE *out, const struct report *report)
{
	json_t *devices = json_array(), *root;
	int ret = 0;
	size_t i;

	for (i = 0; i < report->n_rows && ret == 0; i++)
		ret = json_array_append_new(devices, json_row(&report->rows[i]));
	root = json_pack("{s:b, s:o, s:o}", "ok", report->ok, "error", json_text(report->error),
		"devices", devices);
	if (ret == 0)
		ret = json_dumpf(root, out, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(root);
	if (ret != 0)
		return -ENOMEM;
	fputc('\n', out);
	return 0;
}
