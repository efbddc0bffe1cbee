/* SPDX-License-Identifier: BSD-3-Clause */
/* telemetry.c: answers about a made-up registry, by parameter. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "request/dispatch.h"
#include "fake_telemetry.h"
#include "common/name.h"
#include "query/published.h"
#include "query/query.h"
#include "registry/registry.h"
#include "registry/snapshot.h"
#include "telemetry.h"

#define MAX_ENTRIES 200

static uint64_t results[PCI_EXT_DISPATCH_ERRORS];
static size_t nb_devices, nb_mappings;
static int snapshot_error;
static char asked[PCI_EXT_NAME_SIZE];	/* device of the mappings; "all" */

uint64_t
pci_ext_dispatch_results(int error)
{
	assert_uint_in_range(error, 0, PCI_EXT_DISPATCH_ERRORS - 1);
	return results[error];
}

void
pci_ext_registry_count(struct pci_ext_registry_totals *totals)
{
	*totals = (struct pci_ext_registry_totals){
		.devices = 1, .active = 2, .pending = 3, .active_bytes = 4};
}

int
pci_ext_snapshot_devices(struct pci_ext_device **list, size_t *n)
{
	size_t i;

	if (snapshot_error != 0)
		return snapshot_error;
	*list = calloc(MAX_ENTRIES, sizeof(**list));
	for (i = 0; i < nb_devices; i++) {
		(*list)[i] = (struct pci_ext_device){
			.present = 1, .active = 5, .pending = 6, .active_bytes = 7};
		snprintf((*list)[i].name, sizeof((*list)[i].name), "0000:03:00.%zu", i);
		strcpy((*list)[i].backend, i % 2 == 0 ? "vfio" : "");
	}
	*n = nb_devices;
	return 0;
}

int
pci_ext_snapshot_mappings(const char *name, struct pci_ext_mapping **list, size_t *n)
{
	size_t i;

	strcpy(asked, name == NULL ? "all" : name);
	if (snapshot_error != 0)
		return snapshot_error;
	*list = calloc(MAX_ENTRIES, sizeof(**list));
	for (i = 0; i < nb_mappings; i++) {
		(*list)[i] = (struct pci_ext_mapping){
			.device = "0000:03:00.0", .addr = 0x1000 * (i + 1), .iova = 0x9000 + i,
			.len = 0x20, .references = 8, .state = i % 3, .age = 11,
			.is_dmabuf = i == 2,
			.access = i == 2 ? PCI_EXT_ACCESS_READ : PCI_EXT_ACCESS_READ_WRITE};
		strcpy((*list)[i].backend, i % 3 == PCI_EXT_PENDING ? "" : "driver");
	}
	*n = nb_mappings;
	return 0;
}

/* It knows one device, by its short name too. */
int
pci_ext_name_parse(const char *text, char name[PCI_EXT_NAME_SIZE])
{
	if (strcmp(text, "03:00.0") != 0 && strcmp(text, "0000:03:00.0") != 0)
		return -EINVAL;
	strcpy(name, "0000:03:00.0");
	return 0;
}

static struct pci_ext_published published;
static struct pci_ext_answer answer;
static int start_error, query_error;
static uint64_t asked_addr, asked_len;

int
pci_ext_published_start(void)
{
	return start_error;
}

const struct pci_ext_published *
pci_ext_published_name(const char *name)
{
	return published.name[0] != '\0' && strcmp(name, published.name) == 0 ? &published : NULL;
}

int
pci_ext_query_range(const struct pci_ext_published *device, uint64_t addr, uint64_t len,
	struct pci_ext_answer *copy)
{
	assert_ptr_equal(device, &published);
	asked_addr = addr;
	asked_len = len;
	*copy = answer;
	return query_error;
}

static int
set_up(void **state)
{
	strcpy(published.name, "0000:03:00.0");
	start_error = query_error = 0;
	asked_addr = asked_len = 0;

	memset(results, 0, sizeof(results));
	nb_devices = 2;
	nb_mappings = 3;
	snapshot_error = 0;
	strcpy(asked, "nobody");
	tel_allocs_left = -1;
	return 0;
}

static void
totals_and_results_are_reported(void **state)
{
	results[0] = 10;
	results[EEXIST] = 2;
	results[PCI_EXT_DISPATCH_ERRORS - 1] = 1;
	assert_int_equal(tel_ask("/pci_ext/info", NULL), 0);
	assert_true(tel_has("{version=" PCI_EXT_VERSION ",devices=1,active=2,pending=3,"
		"active_bytes=4,calls_done=10,calls_refused={EEXIST=2,other=1,},}"));
	tel_allocs_left = 0;
	assert_int_equal(tel_ask("/pci_ext/info", NULL), -ENOMEM);
}

static void
devices_are_numbered(void **state)
{
	assert_int_equal(tel_ask("/pci_ext/devices", NULL), 0);
	assert_string_equal(tel_answer(), "{total=2,"
		"0={name=0000:03:00.0,backend=vfio,present=1,active=5,pending=6,active_bytes=7,},"
		"1={name=0000:03:00.1,backend=none,present=1,active=5,pending=6,active_bytes=7,},}");
	nb_devices = 0;
	assert_int_equal(tel_ask("/pci_ext/devices", NULL), 0);
	assert_string_equal(tel_answer(), "{total=0,}");
}

static void
mappings_are_numbered(void **state)
{
	assert_int_equal(tel_ask("/pci_ext/mappings", NULL), 0);
	assert_string_equal(asked, "all");
	assert_string_equal(tel_answer(), "{total=3,"
		"0={device=0000:03:00.0,backend=none,addr=0x1000,iova=0x9000,len=0x20,references=8,"
		"state=pending,age_s=11,},"
		"1={device=0000:03:00.0,backend=driver,addr=0x2000,iova=0x9001,len=0x20,references=8,"
		"state=active,age_s=11,},"
		"2={device=0000:03:00.0,backend=driver,addr=0x3000,iova=0x9002,len=0x20,references=8,"
		"state=busy,age_s=11,dmabuf=1,read_only=1,},}");
}

static void
a_device_is_queried_by_either_name(void **state)
{
	assert_int_equal(tel_ask("/pci_ext/mappings", "03:00.0"), 0);
	assert_string_equal(asked, "0000:03:00.0");
	assert_int_equal(tel_ask("/pci_ext/mappings", ""), 0);
	assert_string_equal(asked, "all");
	assert_int_equal(tel_ask("/pci_ext/mappings", "0000:03:00.0,2"), 0);
	assert_string_equal(asked, "0000:03:00.0");
	assert_true(tel_has("{total=3,2={"));
	assert_int_equal(tel_ask("/pci_ext/mappings", ",1"), 0);
	assert_string_equal(asked, "all");
	assert_true(tel_has("{total=3,1={"));
	assert_true(tel_has(",2={"));
}

/* Telemetry would cut longer text in the middle of a word. */
static void
sixty_four_are_reported_at_a_time(void **state)
{
	nb_devices = nb_mappings = MAX_ENTRIES;
	assert_int_equal(tel_ask("/pci_ext/devices", NULL), 0);
	assert_true(tel_has("{total=200,0={"));
	assert_int_equal(tel_count("name="), 64);
	assert_int_equal(tel_ask("/pci_ext/mappings", ",100"), 0);
	assert_true(tel_has("{total=200,100={"));
	assert_true(tel_has(",163={"));
	assert_int_equal(tel_count("addr="), 64);
	assert_true(strlen(tel_answer()) < 16384);
	assert_int_equal(tel_ask("/pci_ext/mappings", ",199"), 0);
	assert_int_equal(tel_count("addr="), 1);
	assert_int_equal(tel_ask("/pci_ext/mappings", ",200"), 0);
	assert_string_equal(tel_answer(), "{total=200,}");
	assert_int_equal(tel_ask("/pci_ext/mappings", ",18446744073709551615"), 0);
	assert_string_equal(tel_answer(), "{total=200,}");
}

static void
neither_device_nor_number_is_einval(void **state)
{
	static const char *const none[] = {"eth0", "03:00.1", "03:00.0,", "03:00.0,x", ",", "eth0,1",
		"0000:03:00.0 and a name that is longer than any device's", "03:00.0,-1",
		"03:00.0,1x", "03:00.0,1,1", ", 1"};
	unsigned int i;

	for (i = 0; i < RTE_DIM(none); i++)
		assert_int_equal(tel_ask("/pci_ext/mappings", none[i]), -EINVAL);
	assert_string_equal(asked, "nobody");
}

static void
without_memory_there_is_less(void **state)
{
	tel_allocs_left = 1;
	assert_int_equal(tel_ask("/pci_ext/devices", NULL), 0);
	assert_int_equal(tel_count("name="), 1);
	tel_allocs_left = 1;
	assert_int_equal(tel_ask("/pci_ext/mappings", NULL), 0);
	assert_int_equal(tel_count("addr="), 1);
	snapshot_error = -ENOMEM;
	assert_int_equal(tel_ask("/pci_ext/devices", NULL), -ENOMEM);
	assert_int_equal(tel_ask("/pci_ext/mappings", NULL), -ENOMEM);
}

static void
a_range_is_queried(void **state)
{
	answer = (struct pci_ext_answer){
		PCI_EXT_IS_MAPPED, PCI_EXT_BY_CALL, "driver", 0x7000, 0x20, PCI_EXT_ACCESS_READ};
	assert_int_equal(tel_ask("/pci_ext/query", "03:00.0,0xfffffffffffff000,32"), 0);
	assert_true(asked_addr == UINT64_C(0xfffffffffffff000));
	assert_int_equal(asked_len, 32);
	assert_string_equal(tel_answer(),
		"{state=mapped,by=rte_dev_dma_map,backend=driver,iova=0x7000,mapped_bytes=32,"
		"read_only=1,}");
	answer = (struct pci_ext_answer){PCI_EXT_IS_PARTLY, PCI_EXT_BY_EAL, "vfio", 0x7000, 0x10};
	assert_int_equal(tel_ask("/pci_ext/query", "03:00.0,4096,0x20"), 0);
	assert_string_equal(tel_answer(), "{state=partly mapped,by=EAL,backend=vfio,iova=0x7000,"
		"mapped_bytes=16,gap=0x1010,}");
	answer = (struct pci_ext_answer){.backend = ""};
	assert_int_equal(tel_ask("/pci_ext/query", "03:00.0,4096,0x20"), 0);
	assert_string_equal(tel_answer(), "{state=unmapped,by=nobody,backend=none,iova=0x0,"
		"mapped_bytes=0,gap=0x1000,}");
}

static void
a_query_without_a_range_is_refused(void **state)
{
	static const char *const none[] = {NULL, "", "03:00.0", "03:00.0,1", "03:00.0,1,", "eth0,1,1",
		"03:00.0,1,0", "03:00.0,x,1", "03:00.0,1,1x", "03:00.0,-1,1", "03:00.0,2,0xffffffffffffffff",
		"03:00.0,1,0x1ffffffffffffffff", "03:00.0,1,1,1", ",1,1",
		"03:00.0, -1,1", "03:00.0, 1,1", "03:00.0,+1,1", "03:00.0,1,1 1"};
	unsigned int i;

	for (i = 0; i < RTE_DIM(none); i++)
		assert_int_equal(tel_ask("/pci_ext/query", none[i]), -EINVAL);
	assert_int_equal(asked_len, 0);
	query_error = -ENOMEM;
	assert_int_equal(tel_ask("/pci_ext/query", "03:00.0,1,1"), -ENOMEM);
	start_error = -ENOMEM;
	assert_int_equal(tel_ask("/pci_ext/query", "03:00.0,1,1"), -ENOMEM);
	start_error = 0;
	published.name[0] = '\0';
	assert_int_equal(tel_ask("/pci_ext/query", "03:00.0,1,1"), -ENODEV);
}

#define CASE(name) cmocka_unit_test_setup(name, set_up)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(totals_and_results_are_reported),
		CASE(devices_are_numbered),
		CASE(mappings_are_numbered),
		CASE(a_device_is_queried_by_either_name),
		CASE(sixty_four_are_reported_at_a_time),
		CASE(neither_device_nor_number_is_einval),
		CASE(without_memory_there_is_less),
		CASE(a_range_is_queried),
		CASE(a_query_without_a_range_is_refused),
	};

	pci_ext_telemetry_register();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
