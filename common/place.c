/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "elf.h"
#include "place.h"
#include "text.h"

const char *place_parse(struct place *place, const char *word)
{
	const char *plus = strrchr(word, '+'), *colon;

	*place = (struct place){ .word = word };
	if (text_number(word, false, &place->offset))
		return NULL;
	if (*word >= '0' && *word <= '9' && strchr(word, ':') == NULL)
		return text("\"%s\" is neither a symbol nor an address", word);
	if (plus != NULL && !text_number(plus + 1, false, &place->offset))
		return text("\"%s\": \"%s\" after the + is not a number", word, plus + 1);

	int length = plus ? (int)(plus - word) : (int)strlen(word);

	colon = memrchr(word, ':', (size_t)length);
	if (colon != NULL)
		snprintf(place->file, sizeof(place->file), "%.*s", (int)(colon - word), word);
	snprintf(place->symbol, sizeof(place->symbol), "%.*s",
		length - (colon ? (int)(colon + 1 - word) : 0), colon ? colon + 1 : word);
	if (*place->symbol == '\0' || (colon != NULL && *place->file == '\0'))
		return text("\"%s\" names no symbol", word);
	return NULL;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Is this the first mapping of a file, and one that may be meant? */
static bool may_hold(const struct maps *maps, size_t i, const char *file)
{
	const struct mapping *mapping = &maps->mapping[i];

	if (mapping->path[0] != '/' || mapping->inode == 0)
		return false;
	for (size_t earlier = 0; earlier < i; earlier++)
		if (strcmp(maps->mapping[earlier].path, mapping->path) == 0)
			return false;
	return *file == '\0' || strcmp(mapping->path, file) == 0 ||
	       strcmp(base_name(mapping->path), file) == 0;
}

/* How many definitions of a symbol one file has; `found` is filled in with the first. */
static size_t find_in_file(const struct elf *elf, const char *name, const struct mapping *mapping,
	struct definition *found)
{
	struct elf_symbol symbol;
	uint64_t start;
	size_t count = elf_find(elf, name, &symbol);

	if (count == 0 || !elf_address(elf, mapping->offset, &start))
		return 0;
	*found = (struct definition){ .address = mapping->start - start + symbol.value,
		.size = symbol.size,
		.type = symbol.type };
	snprintf(found->file, sizeof(found->file), "%s", mapping->path);
	return count;
}

const char *place_find(const struct place *place, const struct maps *maps, struct definition *found)
{
	size_t files = 0, holders = 0;

	for (size_t i = 0; i < maps->count; i++) {
		struct definition here;
		struct elf elf;

		if (!may_hold(maps, i, place->file) ||
			elf_open(&elf, maps->mapping[i].path) != NULL)
			continue;
		files++;

		size_t count = find_in_file(&elf, place->symbol, &maps->mapping[i], &here);

		elf_close(&elf);
		if (count > 1)
			return text("\"%s\" is ambiguous: %s has %zu of that name; give an address",
				place->word, here.file, count);
		if (count > 0 && holders++ > 0)
			return text("\"%s\" is ambiguous: %s and %s have one; say which, as in "
				    "%s:%s",
				place->word, found->file, here.file, base_name(found->file),
				place->symbol);
		if (count > 0)
			*found = here;
	}
	if (files == 0)
		return text("\"%s\": no file named \"%s\" is loaded (one that dlopen() loads later "
			    "cannot be named)",
			place->word, place->file);
	if (holders == 0)
		return text("there is no symbol \"%s\" in the %zu file%s that %s (what dlopen() "
			    "loads later cannot be named; C++ has its mangled names)",
			place->symbol, files, files > 1 ? "s" : "",
			*place->file ? "may be meant" : "the program is loaded with");
	return NULL;
}

const char *place_text(const struct mapping *mapping, uint64_t address)
{
	uint64_t start = mapping->offset;
	struct elf elf;

	if (mapping->path[0] == '[')
		return text("%s+%#" PRIx64, mapping->path, address - mapping->start);
	if (mapping->path[0] != '/' || elf_open(&elf, mapping->path) != NULL)
		return text("%#" PRIx64, address);
	elf_address(&elf, mapping->offset, &start);
	elf_close(&elf);
	return text("%s+%#" PRIx64, base_name(mapping->path), address - mapping->start + start);
}
