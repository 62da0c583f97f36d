/* SPDX-License-Identifier: MIT */
/*
 * Places in a program by their names: "malloc", "libc.so.6:malloc+4", "0x401136". A symbol is looked
 * up in the tables of the files that a process has mapped: one of a library can be found once the
 * loader has mapped that.
 */
#ifndef COMMON_PLACE_H
#define COMMON_PLACE_H

#include <stdint.h>

#include "maps.h"

struct place {
	const char *word; /* the caller's */
	char file[256];   /* a path, or the last part of one; "": any */
	char symbol[512]; /* "": `offset` is an address */
	uint64_t offset;
};

/* A symbol in a process. */
struct definition {
	uint64_t address, size;
	unsigned char type; /* STT_FUNC, ...; of STT_GNU_IFUNC the address is the resolver's */
	char file[256];
};

/* These return NULL, or what is wrong, in words (as text() keeps them). */

const char *place_parse(struct place *place, const char *word);

/* Find the symbol of a place that has one; two definitions are as wrong as none. The offset is left
 * to the caller. */
const char *place_find(
	const struct place *place, const struct maps *maps, struct definition *found);

/* "libc.so.6+0x98860": the address that the file's own tables give to an address in one of its
 * mappings; "[vdso]+0x810" for memory that the kernel names; "0x7f..." for what is neither. As text()
 * keeps it. */
const char *place_text(const struct mapping *mapping, uint64_t address);

#endif
