/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "insn.h"

/* What follows an opcode. */
enum form {
	UNKNOWN = '.', /* unknown here, or decided in code */
	NOTHING = '-',
	MODRM = 'm',
	MODRM_BYTE = 'b', /* ModRM and an immediate byte */
	MODRM_WORD = 'z', /* ModRM and an immediate of the operand size, at most 4 bytes */
	BYTE = 'B',       /* an immediate byte */
	WORD = 'Z',       /* an immediate of the operand size, at most 4 bytes */
};

/* The opcodes, sixteen in a row: volume 2, appendix A, tables. */
static const char one_byte[] = {
	"mmmmBZ..mmmmBZ.." /* 00 */
	"mmmmBZ..mmmmBZ.." /* 10 */
	"mmmmBZ..mmmmBZ.." /* 20 */
	"mmmmBZ..mmmmBZ.." /* 30 */
	"................" /* 40 */
	"----------------" /* 50 */
	"...m....ZzBb...." /* 60 */
	"................" /* 70 */
	"bz.bmmmmmmmmmm.." /* 80 */
	"----------..----" /* 90 */
	"....----BZ------" /* a0 */
	"BBBBBBBBZZZZZZZZ" /* b0 */
	"bb.-..bz.-......" /* c0 */
	"mmmm............" /* d0 */
	"................" /* e0 */
	".....-mm--..--mm" /* f0 */
};

static const char two_byte[] = {
	".............m.." /* 00 */
	"mmmmmmmmm.....mm" /* 10 */
	"........mmmmmmmm" /* 20 */
	".-.............." /* 30 */
	"mmmmmmmmmmmmmmmm" /* 40 */
	"mmmmmmmmmmmmmmmm" /* 50 */
	"mmmmmmmmmmmmmmmm" /* 60 */
	"bbbbmmm-....mmmm" /* 70 */
	"................" /* 80 */
	"mmmmmmmmmmmmmmmm" /* 90 */
	"..-mbm.....mbm.m" /* a0 */
	"mm.m..mmm.bmmmmm" /* b0 */
	"mmbmbbb.--------" /* c0 */
	"mmmmmmmmmmmmmmmm" /* d0 */
	"mmmmmmmmmmmmmmmm" /* e0 */
	"mmmmmmmmmmmmmmm." /* f0 */
};

/* Bytes that were read so far; behind the end there are zeros, and `at` tells that it was passed. */
struct reader {
	const uint8_t *bytes;
	size_t size, at;
};

static uint8_t next(struct reader *reader)
{
	size_t at = reader->at++;

	return at < reader->size ? reader->bytes[at] : 0;
}

struct prefixes {
	bool any, operand_16, rex_w, repeat;
};

/* The legacy prefixes and REX, which counts only right before the opcode. Returns the opcode, or -1
 * for an encoding that no compiler makes. */
static int read_prefixes(struct reader *reader, struct prefixes *prefixes)
{
	for (;;) {
		uint8_t byte = next(reader);

		switch (byte) {
		case 0x66:
			prefixes->operand_16 = true;
			break;
		case 0xf2:
		case 0xf3:
			prefixes->repeat = true;
			break;
		case 0x2e:
		case 0x36:
		case 0x3e:
		case 0x26:
		case 0x64:
		case 0x65:
		case 0xf0:
			break;
		case 0x67: /* 32-bit addresses, from eip too */
			return -1;
		default:
			if ((byte & 0xf0) == 0x40) {
				prefixes->any = true;
				prefixes->rex_w = byte & 8;
				byte = next(reader);
				return (byte & 0xf0) == 0x40 ? -1 : byte;
			}
			return byte;
		}
		prefixes->any = true;
		if (reader->at > INSN_LONGEST)
			return -1;
	}
}

/* ModRM, SIB and displacement. Returns the reg field, "/n" in the manual's tables. */
static unsigned read_modrm(struct reader *reader, struct insn *insn)
{
	uint8_t modrm = next(reader), mod = modrm >> 6, rm = modrm & 7;

	if (mod != 3 && rm == 4 && (next(reader) & 7) == 5 && mod == 0)
		reader->at += 4;
	if (mod == 0 && rm == 5) {
		insn->kind = INSN_RELATIVE;
		insn->displacement = (unsigned)reader->at;
		reader->at += 4;
	}
	reader->at += mod == 1 ? 1 : mod == 2 ? 4 : 0;
	return modrm >> 3 & 7;
}

/* VEX and EVEX (volume 2, 2.3 and 2.7): the map is in the prefix; no opcode takes more than an
 * immediate byte. */
static enum form read_vex(struct reader *reader, uint8_t escape)
{
	unsigned map = 1;

	if (escape != 0xc5)
		map = next(reader) & (escape == 0xc4 ? 0x1f : 7);
	reader->at += escape == 0x62 ? 2 : 1;

	uint8_t opcode = next(reader);

	if (map == 1)
		return (enum form)two_byte[opcode];
	return map == 2 ? MODRM : map == 3 ? MODRM_BYTE : UNKNOWN;
}

/* Opcodes by which something other than the next instruction may follow. Returns false for the
 * rest. */
static bool read_transfer(int opcode, struct reader *reader, struct insn *insn, bool prefixed)
{
	bool near = false; /* a 4-byte displacement */

	switch (opcode) {
	case 0xe9:
		near = true;
		/* fall through */
	case 0xeb:
		insn->kind = INSN_BRANCH;
		insn->leaves = true;
		break;
	case 0x70 ... 0x7f:
		insn->kind = INSN_BRANCH;
		break;
	case 0xe8:
		near = true;
		/* fall through */
	case 0xe0 ... 0xe3:
		insn->kind = INSN_STAYS;
		break;
	case 0xcd: /* int n */
		insn->kind = INSN_SYSTEM_CALL;
		break;
	case 0xc2:
		insn->leaves = true;
		reader->at += 2;
		return true;
	default:
		return false;
	}
	/* Of a branch with prefixes only the length matters, and 66 has two of them. */
	if (prefixed)
		insn->kind = INSN_UNKNOWN;
	reader->at += near ? 4 : 1;
	return true;
}

static enum form read_0f(struct reader *reader, struct insn *insn, bool prefixed)
{
	uint8_t opcode = next(reader);

	switch (opcode) {
	case 0x05: /* syscall */
	case 0x34: /* sysenter */
		insn->kind = INSN_SYSTEM_CALL;
		return NOTHING;
	case 0x38:
		reader->at++;
		return MODRM;
	case 0x3a:
		reader->at++;
		return MODRM_BYTE;
	case 0x80 ... 0x8f:
		insn->kind = INSN_BRANCH;
		reader->at += 4;
		return prefixed ? UNKNOWN : NOTHING;
	default:
		return (enum form)two_byte[opcode];
	}
}

/* What the reg field of ModRM makes of an opcode. */
static enum form in_group(int opcode, unsigned reg, enum form form, struct insn *insn)
{
	switch (opcode) {
	case 0xc6:
	case 0xc7:
		return reg == 0 ? form : UNKNOWN;
	case 0xf6:
		return reg < 2 ? MODRM_BYTE : MODRM;
	case 0xf7:
		return reg < 2 ? MODRM_WORD : MODRM;
	case 0xfe:
		return reg < 2 ? MODRM : UNKNOWN;
	case 0xff:
		if (reg == 2)
			insn->kind = INSN_STAYS;
		insn->leaves = reg == 4;
		return reg == 3 || reg == 5 || reg == 7 ? UNKNOWN : MODRM;
	default:
		return form;
	}
}

struct insn insn_decode(const uint8_t *bytes, size_t size)
{
	struct reader reader = { .bytes = bytes, .size = size };
	struct prefixes prefixes = { 0 };
	struct insn insn = { .kind = INSN_PLAIN };
	int opcode = read_prefixes(&reader, &prefixes);
	enum form form = NOTHING;

	if (opcode == -1)
		return (struct insn){ .kind = INSN_UNKNOWN };
	if (opcode == 0x0f)
		form = read_0f(&reader, &insn, prefixes.any);
	else if (opcode == 0xc4 || opcode == 0xc5 || opcode == 0x62)
		form = prefixes.any ? UNKNOWN : read_vex(&reader, (uint8_t)opcode);
	else if (!read_transfer(opcode, &reader, &insn, prefixes.any))
		form = (enum form)one_byte[opcode];
	if (form == MODRM || form == MODRM_BYTE || form == MODRM_WORD)
		form = in_group(opcode, read_modrm(&reader, &insn), form, &insn);
	if (form == MODRM_BYTE || form == BYTE)
		reader.at += 1;
	if (form == MODRM_WORD || form == WORD)
		reader.at += (opcode & 0xf8) == 0xb8 && prefixes.rex_w ? 8
			     : prefixes.operand_16 && !prefixes.rex_w  ? 2
								       : 4;
	if (form == UNKNOWN || insn.kind == INSN_UNKNOWN || reader.at > size ||
		reader.at > INSN_LONGEST)
		return (struct insn){ .kind = INSN_UNKNOWN };
	insn.length = (unsigned)reader.at;
	insn.leaves |= opcode == 0xc3;
	insn.repeats = prefixes.repeat &&
		       ((opcode >= 0xa4 && opcode <= 0xa7) || (opcode >= 0xaa && opcode <= 0xaf));
	return insn;
}

/* A displacement of four bytes to `target` from the instruction that ends at `end`. */
static bool put_relative(uint8_t *place, uint64_t target, uint64_t end)
{
	int64_t distance = (int64_t)(target - end);
	int32_t near = (int32_t)distance;

	memcpy(place, &near, sizeof(near));
	return distance >= INT32_MIN && distance <= INT32_MAX;
}

bool insn_move(const uint8_t *bytes, const struct insn *insn, uint64_t from, uint64_t to,
	struct moved *moved)
{
	uint64_t next_insn = from + insn->length;
	uint8_t *copy = moved->bytes;
	bool near = true;
	int32_t distance;

	moved->jump = insn->length;
	memcpy(copy, bytes, insn->length);
	if (insn->kind == INSN_RELATIVE) {
		memcpy(&distance, bytes + insn->displacement, sizeof(distance));
		near = put_relative(copy + insn->displacement, next_insn + (uint64_t)distance,
			to + insn->length);
	} else if (insn->kind == INSN_BRANCH) {
		if (bytes[0] == 0xe9 || bytes[0] == 0x0f)
			memcpy(&distance, bytes + insn->length - 4, sizeof(distance));
		else
			/* NOLINTNEXTLINE(bugprone-signed-char-misuse): no character */
			distance = (int8_t)bytes[1];
		moved->jump = 0;
		if (insn->leaves) {
			copy[moved->jump++] = 0xe9;
		} else {
			copy[moved->jump++] = 0x0f;
			copy[moved->jump++] =
				0x80 | ((bytes[0] == 0x0f ? bytes[1] : bytes[0]) & 15);
		}
		moved->jump += 4;
		near = put_relative(
			copy + moved->jump - 4, next_insn + (uint64_t)distance, to + moved->jump);
	} else if (insn->kind != INSN_PLAIN) {
		return false;
	}
	moved->length = moved->jump;
	if (!insn->leaves) {
		copy[moved->length] = 0xe9;
		moved->length += 5;
		near &= put_relative(copy + moved->jump + 1, next_insn, to + moved->length);
	}
	return near;
}
