/* SPDX-License-Identifier: MIT */
/*
 * elf.c: is an ELF file read right, and a damaged one refused in words, whatever is damaged?
 *
 * The file is made here, field by field, so that a test is an edit of one field. Each damaged copy
 * stands at the end of a buffer of its exact size: the address sanitizer sees a byte too far.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "elf.h"
#include "maps.h"
#include "test.h"
#include "text.h"

#define BASE 0x10000 /* address of offset 0 */
#define DYNAMIC 16
#define DYNSYM 7
#define RELA 4

enum { GNU_HASH_BUCKETS = 2, GNU_HASH_FIRST = 2 };

struct made {
	Elf64_Ehdr header;
	Elf64_Phdr segment[3];
	Elf64_Dyn dynamic[DYNAMIC];
	Elf64_Sym dynsym[DYNSYM];
	char dynstr[64];
	Elf64_Versym versym[8];
	struct {
		uint32_t buckets, chains, bucket[1], chain[DYNSYM];
	} hash;
	struct {
		uint32_t buckets, first, bloom, shift;
		uint64_t filter;
		uint32_t bucket[GNU_HASH_BUCKETS], chain[DYNSYM - GNU_HASH_FIRST];
	} gnu_hash;
	Elf64_Rela rela[RELA], jmprel[1];
	uint64_t relr[2];
	uint64_t data[80];
	Elf64_Shdr section[3];
	Elf64_Sym symtab[6];
	char strtab[64];
};

#define OFFSET(field) offsetof(struct made, field)
#define ADDRESS(field) (BASE + OFFSET(field))

static const struct made made = {
	.header = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_phoff = OFFSET(segment), .e_shoff = OFFSET(section),
		.e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 3,
		.e_shentsize = sizeof(Elf64_Shdr), .e_shnum = 3,
	},
	.segment = {
		{ PT_LOAD, PF_R | PF_W, 0, BASE, BASE, sizeof(struct made), sizeof(struct made) + 100,
			4096 },
		{ PT_DYNAMIC, PF_R, OFFSET(dynamic), ADDRESS(dynamic), 0, sizeof(made.dynamic),
			sizeof(made.dynamic), 8 },
		{ PT_GNU_RELRO, PF_R, OFFSET(dynamic), ADDRESS(dynamic), 0, 4096, 4096, 1 },
	},
	.dynamic = {
		{ DT_SONAME, { 1 } },
		{ DT_SYMTAB, { ADDRESS(dynsym) } },
		{ DT_STRTAB, { ADDRESS(dynstr) } },
		{ DT_STRSZ, { sizeof(made.dynstr) } },
		{ DT_VERSYM, { ADDRESS(versym) } },
		{ DT_HASH, { ADDRESS(hash) } },
		{ DT_GNU_HASH, { ADDRESS(gnu_hash) } },
		{ DT_RELA, { ADDRESS(rela) } },
		{ DT_RELASZ, { sizeof(made.rela) } },
		{ DT_JMPREL, { ADDRESS(jmprel) } },
		{ DT_PLTRELSZ, { sizeof(made.jmprel) } },
		{ DT_PLTREL, { DT_RELA } },
		{ DT_RELR, { ADDRESS(relr) } },
		{ DT_RELRSZ, { sizeof(made.relr) } },
		{ DT_NULL, { 0 } },
		{ DT_FLAGS, { DF_TEXTREL } }, /* behind the end */
	},
	.dynsym = {
		{ 0 },
		{ 8, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, SHN_UNDEF, 0, 0 },
		{ 16, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 9, ADDRESS(data[1]), 8 },
		{ 16, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 9, ADDRESS(data[2]), 8 },
		{ 24, ELF64_ST_INFO(STB_GLOBAL, STT_GNU_IFUNC), 0, 9, ADDRESS(data[3]), 8 },
		{ 32, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 9, ADDRESS(data[8]), 48 },
		{ 40, ELF64_ST_INFO(STB_GLOBAL, STT_TLS), 0, 9, 16, 8 },
	},
	/* 0, 1, 8, 16, 24, 32, 40 */
	.dynstr = "\0so.one\0other\0\0\0answer\0\0choice\0\0table\0\0\0thread",
	.versym = { 0, 2, 2, 0x8003, 2, 2, 2 },
	.hash = { 1, DYNSYM, { 0 }, { 0 } },
	/* Two chains: symbols 2 to 4 and 5 to 6. */
	.gnu_hash = { GNU_HASH_BUCKETS, GNU_HASH_FIRST, 1, 6, 0, { 5, 2 }, { 2, 4, 7, 8, 9 } },
	.rela = {
		{ ADDRESS(data[20]), ELF64_R_INFO(1, R_X86_64_GLOB_DAT), 0 },
		{ ADDRESS(data[10]), ELF64_R_INFO(0, R_X86_64_RELATIVE), ADDRESS(data[1]) },
		{ ADDRESS(data[30]), ELF64_R_INFO(5, R_X86_64_COPY), 0 },
		{ ADDRESS(data[40]), ELF64_R_INFO(0, 0x7777), 0 },
	},
	.jmprel = { { ADDRESS(data[11]), ELF64_R_INFO(1, R_X86_64_JUMP_SLOT), 0 } },
	/* The place, and of the 63 behind it the first and the last. */
	.relr = { ADDRESS(data[14]), UINT64_C(1) | UINT64_C(1) << 1 | UINT64_C(1) << 63 },
	.data = { [14] = 0x1111, [15] = 0x2222, [77] = 0x3333 },
	.section = {
		{ 0 },
		{ .sh_type = SHT_SYMTAB, .sh_offset = OFFSET(symtab), .sh_size = sizeof(made.symtab),
			.sh_link = 2, .sh_entsize = sizeof(Elf64_Sym) },
		{ .sh_type = SHT_STRTAB, .sh_offset = OFFSET(strtab), .sh_size = sizeof(made.strtab) },
	},
	.symtab = {
		{ 0 },
		{ 1, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 0, 9, ADDRESS(data[4]), 8 },
		{ 1, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 0, 9, ADDRESS(data[5]), 8 },
		{ 6, ELF64_ST_INFO(STB_LOCAL, STT_FUNC), 0, 9, ADDRESS(data[6]), 8 },
		{ 13, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 9, ADDRESS(data[7]), 8 },
		{ 0, ELF64_ST_INFO(STB_LOCAL, STT_SECTION), 0, 9, ADDRESS(data[7]), 0 },
	},
	.strtab = "\0twin\0answer\0whole",
};

static struct elf parsed(const struct made *file)
{
	struct elf elf;
	const char *wrong = elf_parse(&elf, file, sizeof(*file));

	if (wrong != NULL)
		broken("the file made here: %s", wrong);
	return elf;
}

/* --- what is there ---------------------------------------------------------------------------- */

static void headers(void)
{
	struct elf elf = parsed(&made);
	uint64_t value = 0;
	Elf64_Phdr relro;

	expect_eq(3, (long)elf.segments, "program headers");
	expect_eq(3, (long)elf.sections, "section headers");
	expect_true(elf_segment_of_type(&elf, PT_GNU_RELRO, &relro), "PT_GNU_RELRO");
	expect_hex(ADDRESS(dynamic), relro.p_vaddr, "its address");
	expect_true(!elf_segment_of_type(&elf, PT_TLS, &relro), "no PT_TLS");
	expect_true(elf_dynamic(&elf, DT_PLTREL, &value), "DT_PLTREL");
	expect_eq(DT_RELA, (long)value, "its value");
	expect_true(!elf_dynamic(&elf, DT_FLAGS, &value), "nothing behind DT_NULL");
	expect_true(!elf_dynamic(&elf, DT_NULL, &value), "DT_NULL is no entry");
	elf_dynamic(&elf, DT_SONAME, &value);
	expect_str("so.one", elf_dynamic_string(&elf, value), "DT_SONAME");
	expect_true(elf_dynamic_string(&elf, 64) == NULL, "a string behind the table is none");
}

static void addresses(void)
{
	struct elf elf = parsed(&made);
	const uint64_t size = sizeof(made);
	uint64_t found = 0;

	expect_true(elf_offset(&elf, BASE + 5, 10, &found), "an address");
	expect_eq(5, (long)found, "its offset");
	expect_true(elf_offset(&elf, BASE, size, &found), "all of the segment");
	expect_true(!elf_offset(&elf, BASE, size + 1, &found), "and one byte more");
	expect_true(!elf_offset(&elf, BASE - 1, 1, &found), "below it");
	expect_true(!elf_offset(&elf, BASE + size + 1, 1, &found), "in .bss");
	expect_true(!elf_offset(&elf, BASE + 1, UINT64_MAX, &found), "a length that wraps around");
	expect_true(elf_address(&elf, 5, &found), "an offset");
	expect_hex(BASE + 5, found, "its address");
	expect_true(!elf_address(&elf, size, &found), "the end of the file has none");
}

/* --- symbols ---------------------------------------------------------------------------------- */

static void finds(void)
{
	struct elf elf = parsed(&made);
	struct elf_symbol symbol = { 0 };

	expect_eq(1, (long)elf_find(&elf, "answer", &symbol),
		"one with a local twin and two versions");
	expect_hex(ADDRESS(data[1]), symbol.value, "its default version");
	expect_true(symbol.dynamic && !symbol.hidden, "from .dynsym, not hidden");
	expect_eq(1, (long)elf_find(&elf, "whole", &symbol), "one in .symtab alone");
	expect_hex(ADDRESS(data[7]), symbol.value, "its value");
	expect_eq(2, (long)elf_find(&elf, "twin", &symbol), "one with two places");
	expect_hex(ADDRESS(data[4]), symbol.value, "its first value");
	expect_eq(1, (long)elf_find(&elf, "choice", &symbol), "an indirect function");
	expect_eq(STT_GNU_IFUNC, symbol.type, "its type");
	expect_eq(1, (long)elf_find(&elf, "table", &symbol), "an object");
	expect_eq(48, (long)symbol.size, "its size");
	expect_eq(0, (long)elf_find(&elf, "other", &symbol), "one that is not defined");
	expect_eq(0, (long)elf_find(&elf, "thread", &symbol), "one of thread-local storage");
	expect_eq(0, (long)elf_find(&elf, "answe", &symbol), "a part of a name");
}

static const char *nearest(const struct elf *elf, uint64_t address)
{
	struct elf_symbol symbol;

	return elf_nearest(elf, address, &symbol)
		       ? text("%s+%ld", symbol.name, (long)(address - symbol.value))
		       : "(none)";
}

static void nearest_symbols(void)
{
	struct elf elf = parsed(&made);

	expect_str("answer+0", nearest(&elf, ADDRESS(data[1])), "at a symbol");
	expect_str("answer+7", nearest(&elf, ADDRESS(data[2]) - 1), "at its last byte");
	expect_str("whole+1", nearest(&elf, ADDRESS(data[7]) + 1), "not a section's");
	expect_str("table+80", nearest(&elf, ADDRESS(data[18])), "behind every symbol");
	expect_str("(none)", nearest(&elf, ADDRESS(data[1]) - 1), "below every symbol");
}

/* Without section headers the dynamic table leads to the symbols, and a hash table counts them. */
static void without_sections(void)
{
	struct made file = made;
	struct elf_symbol symbol;

	file.header.e_shoff = 0;
	file.dynamic[5].d_tag = DT_DEBUG;

	struct elf elf = parsed(&file);

	expect_eq(0, (long)(elf.sections + elf.symtab.count), "sections and symbols of .symtab");
	expect_eq(DYNSYM, (long)elf.dynsym.count, "dynamic symbols, as DT_GNU_HASH counts them");
	expect_eq(1, (long)elf_find(&elf, "table", &symbol), "the last but one");
	file.dynamic[5].d_tag = DT_HASH;
	file.dynamic[6].d_tag = DT_DEBUG;
	elf = parsed(&file);
	expect_eq(DYNSYM, (long)elf.dynsym.count, "as DT_HASH counts them");
	file.dynamic[5].d_tag = DT_DEBUG;
	elf = parsed(&file);
	expect_eq(0, (long)elf.dynsym.count, "with neither");
	file.header.e_shoff = sizeof(file) - 8;
	elf = parsed(&file);
	expect_eq(0, (long)elf.sections, "sections, where their headers are not in the file");
}

/* --- relocations ------------------------------------------------------------------------------ */

static void relocations(void)
{
	static const struct {
		uint64_t offset, size;
		uint32_t type, symbol;
		int64_t addend;
	} expected[] = {
		{ ADDRESS(data[10]), 8, R_X86_64_RELATIVE, 0, ADDRESS(data[1]) },
		{ ADDRESS(data[11]), 8, R_X86_64_JUMP_SLOT, 1, 0 },
		{ ADDRESS(data[14]), 8, R_X86_64_RELATIVE, 0, 0x1111 },
		{ ADDRESS(data[15]), 8, R_X86_64_RELATIVE, 0, 0x2222 },
		{ ADDRESS(data[20]), 8, R_X86_64_GLOB_DAT, 1, 0 },
		{ ADDRESS(data[30]), 48, R_X86_64_COPY, 5, 0 }, /* its symbol's size */
		{ ADDRESS(data[40]), 0, 0x7777, 0, 0 },         /* unknown */
		{ ADDRESS(data[77]), 8, R_X86_64_RELATIVE, 0, 0x3333 },
	};
	struct elf elf = parsed(&made);
	struct elf_relocation *list;
	size_t count;

	expect_true(elf_relocations(&elf, &list, &count) == NULL, "no complaint");
	expect_eq(COUNT(expected), (long)count, "relocations");
	for (size_t i = 0; i < COUNT(expected) && i < count; i++)
		expect_true(list[i].offset == expected[i].offset &&
				    list[i].size == expected[i].size &&
				    list[i].type == expected[i].type &&
				    list[i].symbol == expected[i].symbol &&
				    list[i].addend == expected[i].addend,
			"%s at %#lx", elf_relocation_name(list[i].type),
			(unsigned long)list[i].offset);
	free(list);
}

/* Without a dynamic table the loaded relocation sections are what the program itself applies. */
static void static_relocations(void)
{
	struct made file = made;
	struct elf_relocation *list;
	size_t count;

	file.segment[1].p_type = PT_NULL;
	file.section[0] = (Elf64_Shdr){ .sh_type = SHT_RELA,
		.sh_flags = SHF_ALLOC,
		.sh_offset = OFFSET(jmprel),
		.sh_size = sizeof(made.jmprel) };

	struct elf elf = parsed(&file);

	expect_true(elf_relocations(&elf, &list, &count) == NULL, "no complaint");
	expect_eq(1, (long)count, "relocations");
	free(list);
	file.section[0].sh_flags = SHF_INFO_LINK;
	elf = parsed(&file);
	elf_relocations(&elf, &list, &count);
	expect_eq(0, (long)count, "relocations in a section that is not loaded");
	free(list);
}

/* --- damage ----------------------------------------------------------------------------------- */

/* Parse a copy that ends where its memory ends, and go through all that can be asked. Returns the
 * complaint, "" if there is none. */
static const char *use(const void *file, size_t size)
{
	unsigned char *copy = malloc(size + !size);
	struct elf_relocation *list = NULL;
	struct elf_symbol symbol;
	size_t count = 0;
	uint64_t value;
	struct elf elf;
	const char *wrong;

	memcpy(copy, file, size);
	wrong = elf_parse(&elf, copy, size);
	if (wrong == NULL) {
		elf_find(&elf, "answer", &symbol);
		elf_nearest(&elf, UINT64_MAX, &symbol);
		if (elf_dynamic(&elf, DT_SONAME, &value))
			elf_dynamic_string(&elf, value);
		for (size_t i = 0; i < elf.segments; i++)
			elf_address(&elf, elf_segment(&elf, i).p_offset, &value);
		wrong = elf_relocations(&elf, &list, &count);
		free(list);
	}
	free(copy);
	return wrong != NULL ? text("%s", wrong) : "";
}

static void damage(void)
{
	static const struct {
		size_t offset;
		uint64_t value;
		size_t size;
		const char *complaint;
	} cases[] = {
		{ 0, 0, 1, "not an ELF file" }, { EI_CLASS, ELFCLASS32, 1, "a 32-bit ELF file" },
		{ EI_DATA, ELFDATA2MSB, 1, "an ELF file for another machine" },
		{ OFFSET(header.e_machine), EM_AARCH64, 2, "an ELF file for another machine" },
		{ OFFSET(header.e_phentsize), 55, 2, "damaged: program headers of 55 bytes" },
		{ OFFSET(header.e_phnum), 0xffff, 2, "truncated: 65535 program headers" },
		{ OFFSET(header.e_phoff), UINT64_MAX, 8, "truncated: 3 program headers" },
		{ OFFSET(segment[1].p_filesz), UINT64_MAX, 8, "damaged: the dynamic table" },
		{ OFFSET(segment[1].p_offset), sizeof(made), 8, "damaged: the dynamic table" },
		{ OFFSET(hash.chains), UINT32_MAX, 4, "damaged: 4294967295 dynamic symbols" },
		{ OFFSET(dynamic[8].d_un), 1 << 20, 8, "damaged: DT_RELA" },
		{ OFFSET(dynamic[9].d_un), UINT64_MAX, 8, "damaged: DT_JMPREL" },
		{ OFFSET(dynamic[11].d_un), DT_REL, 8, "relocations without addends" },
		{ OFFSET(dynamic[12].d_un), 7, 8, "damaged: DT_RELR" },
		/* What no loader looks at, or what reads as nothing, is no reason to refuse. */
		{ OFFSET(header.e_shnum), 0xffff, 2, "" }, { OFFSET(section[1].sh_link), 3, 4, "" },
		{ OFFSET(section[1].sh_size), UINT64_MAX, 8, "" },
		{ OFFSET(dynamic[2].d_un), 0, 8, "" },                 /* DT_STRTAB */
		{ OFFSET(dynamic[3].d_un), UINT64_MAX, 8, "" },        /* DT_STRSZ */
		{ OFFSET(dynsym[2].st_name), UINT32_MAX, 4, "" },      /* a name behind the table */
		{ OFFSET(rela[2].r_info), 0xffffffff00000005, 8, "" }, /* COPY of no symbol */
		{ OFFSET(relr[0]), UINT64_MAX - 1, 8, "" }, /* a place that wraps around */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct made file = made;

		memcpy((char *)&file + cases[i].offset, &cases[i].value, cases[i].size);

		const char *complaint = use(&file, sizeof(file));

		expect_str(cases[i].complaint,
			text("%.*s", (int)strlen(cases[i].complaint), complaint),
			"%zu bytes at %zu become %#lx", cases[i].size, cases[i].offset,
			(unsigned long)cases[i].value);
		if (*cases[i].complaint == '\0')
			expect_str("", complaint, "nothing else");
	}
}

/* Chains that never end, counts and sizes that say more than there is: the loops stop at the end of
 * the file. */
static void endless(void)
{
	struct made file = made;

	file.dynamic[5].d_tag = DT_DEBUG;
	for (int i = 0; i < DYNSYM - GNU_HASH_FIRST; i++)
		file.gnu_hash.chain[i] = 2;
	memset(file.rela, 2, sizeof(file) - OFFSET(rela));
	expect_true(strncmp("damaged: ", use(&file, sizeof(file)), 9) == 0,
		"a chain without an end, to the end of the file");
	file = made;
	file.dynamic[5].d_tag = DT_DEBUG;
	file.gnu_hash.buckets = UINT32_MAX;
	file.gnu_hash.bloom = UINT32_MAX;
	expect_str("", use(&file, sizeof(file)), "4294967295 buckets behind the end");
	file = made;
	file.gnu_hash.first = UINT32_MAX;
	file.dynamic[5].d_tag = DT_DEBUG;
	expect_true(
		strncmp("damaged: ", use(&file, sizeof(file)), 9) == 0, "more symbols than bytes");
}

/* Tables so large that a loop inside a loop over them would outlast the time limit. */
static void large(void)
{
	const uint64_t symbols = 200000, names = UINT64_C(4) << 20,
		       size = sizeof(made) + symbols * sizeof(Elf64_Sym) + names;
	struct made *file = calloc(1, size);

	if (file == NULL)
		broken("no memory for a file of %lu bytes", (unsigned long)size);
	*file = made;
	memset((char *)file + size - names, 1, names);
	file->section[1].sh_offset = sizeof(made);
	file->section[1].sh_size = symbols * sizeof(Elf64_Sym);
	file->section[2].sh_offset = size - names;
	file->section[2].sh_size = names;
	expect_str("", use(file, size), "%lu symbols, and names without an end",
		(unsigned long)symbols);
	file->header.e_phoff = sizeof(made);
	file->header.e_phnum = 2000;
	expect_str("damaged: 2000 program headers, of which the kernel takes at most 1170",
		use(file, size), "more segments than a program may have");
	*file = made;
	file->segment[0].p_filesz = size;
	file->dynamic[12].d_un.d_val = BASE + sizeof(made);
	file->dynamic[13].d_un.d_val = size - sizeof(made);
	memset(file + 1, 0xff, size - sizeof(made));
	expect_true(strncmp("damaged: more than ", use(file, size), 19) == 0,
		"more relocations than the file has words");
	free(file);
}

static void truncated(void)
{
	long complaints = 0;

	for (size_t size = 0; size < sizeof(made); size++)
		complaints += *use(&made, size) != '\0';
	expect_ge(OFFSET(dynamic), complaints, "lengths refused, of all that are too short");
	expect_str("", use(&made, sizeof(made)), "the whole file");
}

/* Every byte, set to each of four values. */
static void mutated(void)
{
	struct made file = made;
	unsigned char *bytes = (unsigned char *)&file;
	long complaints = 0;

	for (size_t i = 0; i < sizeof(file); i++) {
		const unsigned char before = bytes[i],
				    values[] = { 0, 0x7f, 0xff, (unsigned char)(before ^ 1) };

		for (size_t j = 0; j < COUNT(values); j++) {
			bytes[i] = values[j];
			complaints += *use(&file, sizeof(file)) != '\0';
		}
		bytes[i] = before;
	}
	expect_ge(100, complaints, "files with one byte changed refused");
	/* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison): padding, too */
	expect_true(memcmp(&file, &made, sizeof(made)) == 0, "every byte had its turn");
}

/* --- files ------------------------------------------------------------------------------------ */

int elf_test_landmark(void);
int elf_test_landmark(void)
{
	return 42;
}

/* This program, as the linker made it and as it is mapped. */
static void this_program(void)
{
	struct elf elf;
	struct elf_symbol symbol;
	struct elf_relocation *list;
	struct maps maps;
	uint64_t base;
	size_t count;
	const char *wrong = elf_open(&elf, "/proc/self/exe");

	expect_str("", wrong != NULL ? wrong : "", "elf_open()");
	expect_eq(1, (long)elf_find(&elf, "elf_test_landmark", &symbol), "a function of this file");
	if (maps_read(getpid(), &maps) == -1)
		broken("/proc/self/maps cannot be read");

	const struct mapping *mapping = maps_find(&maps, (uint64_t)elf_test_landmark);

	elf_address(&elf, mapping->offset, &base);
	expect_address((uint64_t)elf_test_landmark, symbol.value + (mapping->start - base),
		"its value and the bias");
	expect_str("elf_test_landmark+1", nearest(&elf, symbol.value + 1), "one byte on");
	expect_true(elf_relocations(&elf, &list, &count) == NULL, "its relocations");
	free(list);
	maps_free(&maps);
	elf_close(&elf);
	expect_true(elf.bytes == NULL, "nothing is left of it");
}

/* A file that is in memory alone. */
static void vdso(void)
{
	const void *bytes = (const void *)getauxval(AT_SYSINFO_EHDR);
	struct elf_symbol symbol;
	struct maps maps;
	struct elf elf;

	if (bytes == NULL)
		skip("this kernel gives no vdso");
	maps_read(getpid(), &maps);

	const struct mapping *mapping = maps_find(&maps, (uint64_t)bytes);
	const char *wrong = elf_parse(&elf, bytes, mapping->end - mapping->start);

	expect_str("", wrong != NULL ? wrong : "", "elf_parse()");
	expect_eq(1, (long)elf_find(&elf, "__vdso_clock_gettime", &symbol), "a symbol of the vdso");
	maps_free(&maps);
}

static const char *complaint_of(const char *path)
{
	struct elf elf;
	const char *wrong = elf_open(&elf, path);

	return wrong != NULL ? wrong : "";
}

static void no_files(void)
{
	int fifo[2];

	if (pipe(fifo) == -1)
		broken("pipe: %s", errno_text(errno));
	expect_str("not an ELF file", complaint_of(text("/proc/self/fd/%d", memfd_create("x", 0))),
		"an empty file");
	expect_str("not a regular file", complaint_of(text("/proc/self/fd/%d", fifo[0])),
		"a FIFO that nobody writes to");
	expect_str("not a regular file", complaint_of("/"), "a directory");
	expect_str("not a regular file", complaint_of("/dev/null"), "a device");
	expect_str("ENOENT (No such file or directory)", complaint_of("/proc/self/nowhere"),
		"nothing");
	expect_str("not an ELF file", complaint_of("/proc/self/status"), "a file of the kernel's");
}

static const struct experiment experiments[] = {
	{ "headers", headers, "Are headers and the dynamic table read?", NULL, 0 },
	{ "addresses", addresses, "Are addresses and offsets turned into each other?", NULL, 0 },
	{ "finds", finds, "Is a symbol found by its name?", NULL, 0 },
	{ "nearest-symbols", nearest_symbols, "Is the nearest symbol below found?", NULL, 0 },
	{ "without-sections", without_sections, "Are symbols found without section headers?", NULL,
		0 },
	{ "relocations", relocations, "Are all relocations listed, in order?", NULL, 0 },
	{ "static-relocations", static_relocations, "And without a dynamic table?", NULL, 0 },
	{ "damage", damage, "Is each kind of damage refused in its words?", NULL, 0 },
	{ "endless", endless, "Does every loop end with the file?", NULL, 0 },
	{ "large", large, "Are tables too large for a loop inside a loop survived?", NULL, 0 },
	{ "truncated", truncated, "Is a file cut at any length survived?", NULL, 0 },
	{ "mutated", mutated, "Is any byte changed survived?", NULL, 0 },
	{ "this-program", this_program, "Does the file of this program agree with its memory?",
		NULL, 0 },
	{ "vdso", vdso, "Is a file read that is in memory alone?", NULL, 0 },
	{ "no-files", no_files, "Is what is no file refused without waiting?", NULL, 0 },
};

static const struct scene scenes[] = {
	{ "none", NULL },
};

TEST_MAIN("elf", "Is an ELF file read right, and a damaged one refused?")
