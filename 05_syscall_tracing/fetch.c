/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>

#include "arguments.h"
#include "count.h"
#include "memory.h"
#include "output.h"

#define PAGE 4096

/* --- memory ------------------------------------------------------------------------------------- */

void put_address(uint64_t address)
{
	if (address == 0)
		put("NULL");
	else
		put_hex(address);
}

enum step put_addr(const struct shown *s, uint64_t value)
{
	(void)s;
	put_address(value);
	return DONE;
}

/* A call that failed has filled in nothing, and strace does not look. */
static bool readable(const struct shown *s, uint64_t address)
{
	return address != 0 && !(s->leaving && s->failed);
}

bool fetch(const struct shown *s, uint64_t address, void *object, size_t size)
{
	return readable(s, address) && vm_read(s->tid, address, object, size) == size;
}

/* Fetch an object, or put the address in its place. */
bool fetch_or_put(const struct shown *s, uint64_t address, void *object, size_t size)
{
	if (fetch(s, address, object, size))
		return true;
	put_address(address);
	return false;
}

/* Fetch a string page by page until its end, at most `size` bytes. Returns its length, which is
 * `size` if no NUL was seen; -1 if it cannot be read. */
static ssize_t fetch_string(const struct shown *s, uint64_t address, char *bytes, size_t size)
{
	size_t length = 0;

	while (length < size) {
		size_t left = size - length, page = PAGE - (address + length) % PAGE, now;

		/* Most strings are short, and what is not needed is not copied. */
		now = left < page ? left : page;
		if (now > 256)
			now = 256;
		if (vm_read(s->tid, address + length, bytes + length, now) != now)
			return -1;

		const char *end = memchr(bytes + length, '\0', now);

		if (end != NULL)
			return end - bytes;
		length += now;
	}
	return (ssize_t)size;
}

/* --- text --------------------------------------------------------------------------------------- */

void put_quoted(const char *bytes, size_t length)
{
	put_char('"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		const char *escape = strchr("\"\"\\\\\nn\tt\rr\vv\ff", c);
		bool digit = i + 1 < length && bytes[i + 1] >= '0' && bytes[i + 1] <= '7';

		if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
			put_char((char)c);
		} else if (c == '"' || c == '\\' || (c >= '\t' && c <= '\r')) {
			put_char('\\');
			put_char((char)(c == '"' || c == '\\' ? c : escape[1]));
		} else {
			put_char('\\');
			if (digit || c >= 0100)
				put_char((char)('0' + (c >> 6)));
			if (digit || c >= 010)
				put_char((char)('0' + (c >> 3 & 7)));
			put_char((char)('0' + (c & 7)));
		}
	}
	put_char('"');
}

enum step put_path(const struct shown *s, uint64_t address)
{
	static char path[PATH_MAX];
	ssize_t length = readable(s, address) ? fetch_string(s, address, path, sizeof(path)) : -1;

	if (length == -1) {
		put_address(address);
		return DONE;
	}
	put_quoted(path, (size_t)length < sizeof(path) ? (size_t)length : sizeof(path) - 1);
	if ((size_t)length == sizeof(path))
		put("...");
	return DONE;
}

void put_cut_string(const struct shown *s, uint64_t address, size_t most)
{
	char bytes[256] = "";
	ssize_t length = readable(s, address) ? fetch_string(s, address, bytes, most + 1) : -1;

	if (length == -1) {
		put_address(address);
		return;
	}
	put_quoted(bytes, (size_t)length < most ? (size_t)length : most);
	if ((size_t)length > most)
		put("...");
}

enum step put_str(const struct shown *s, uint64_t address)
{
	put_cut_string(s, address, SHOWN);
	return DONE;
}

size_t at_most_shown(uint64_t count)
{
	return count < SHOWN ? (size_t)count : SHOWN;
}

void put_memory(const struct shown *s, uint64_t address, uint64_t length)
{
	char bytes[SHOWN] = "";
	size_t shown = at_most_shown(length);

	if (!readable(s, address) ||
		(shown > 0 && vm_read(s->tid, address, bytes, shown) != shown)) {
		put_address(address);
		return;
	}
	put_quoted(bytes, shown);
	if (length > shown)
		put("...");
}

/* Bytes: as many as the next argument says, or as the call returned. */
enum step put_buf(const struct shown *s, uint64_t address)
{
	put_memory(s, address, s->leaving ? (uint64_t)s->result : s->arg[s->i + 1]);
	return DONE;
}

/* The value of an attribute: a NUL at its end is not shown. */
enum step put_value_bytes(const struct shown *s, uint64_t address)
{
	uint64_t length = s->leaving ? (uint64_t)s->result : s->arg[s->i + 1];
	char last = 1;

	if (s->leaving && s->arg[s->i + 1] == 0)
		return put_addr(s, address);
	if (length > 0 && fetch(s, address + length - 1, &last, 1) && last == '\0')
		length--;
	put_memory(s, address, length);
	return DONE;
}

/* Names, which are not there if only their length was asked for. */
enum step put_names(const struct shown *s, uint64_t address)
{
	return s->arg[s->i + 1] == 0 ? put_addr(s, address) : put_buf(s, address);
}

enum step put_hexbuf(const struct shown *s, uint64_t address)
{
	unsigned char bytes[SHOWN];
	size_t length = (size_t)s->result, shown = at_most_shown(length);

	if (!fetch_or_put(s, address, bytes, shown))
		return DONE;
	put_char('"');
	for (size_t i = 0; i < shown; i++)
		put_format("\\x%02x", bytes[i]);
	put_char('"');
	if (length > shown)
		put("...");
	return DONE;
}

enum step put_argv(const struct shown *s, uint64_t address)
{
	uint64_t word;

	if (!fetch_or_put(s, address, &word, sizeof(word)))
		return DONE;
	put_char('[');
	for (unsigned n = 0; word != 0; n++) {
		if (n > 0)
			put(", ");
		if (n == SHOWN) {
			put("...");
			break;
		}
		put_cut_string(s, word, SHOWN);
		address += sizeof(word);
		if (!fetch(s, address, &word, sizeof(word))) {
			put_format(", ... /* %#" PRIx64 " */", address);
			break;
		}
	}
	put_char(']');
	return DONE;
}

enum step put_envp(const struct shown *s, uint64_t address)
{
	uint64_t words[64];
	unsigned count = 0;
	bool end = false, fetched = address != 0;

	put_address(address);
	while (fetched && !end) {
		uint64_t place = address + count * sizeof(*words);
		size_t room = (PAGE - place % PAGE) / sizeof(*words);

		if (room > COUNT(words))
			room = COUNT(words);
		fetched = room > 0 && fetch(s, place, words, room * sizeof(*words));
		for (size_t i = 0; fetched && i < room && !end; i++) {
			end = words[i] == 0;
			count += !end;
		}
	}
	if (address != 0)
		put_format(" /* %u var%s%s */", count, count == 1 ? "" : "s",
			fetched ? "" : ", unterminated");
	return DONE;
}
