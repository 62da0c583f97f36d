/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "condition.h"
#include "count.h"
#include "text.h"

static const struct reg *find_register(const char *name, size_t length)
{
	/* Of functions: System V ABI, "Parameter Passing". */
	static const char *const arguments[] = { "rdi", "rsi", "rdx", "rcx", "r8", "r9" };

	if (length == 4 && strncmp(name, "arg", 3) == 0 && name[3] >= '1' && name[3] <= '6') {
		name = arguments[name[3] - '1'];
		length = strlen(name);
	}
	for (size_t i = 0; i < REG_COUNT; i++)
		if (strlen(reg_table[i].name) == length &&
			strncmp(reg_table[i].name, name, length) == 0)
			return &reg_table[i];
	return NULL;
}

const char *condition_parse(struct condition *condition, const char *word)
{
	static const char *const relations[] = { "==", "!=", "<", "<=", ">", ">=" };
	size_t name = strcspn(word, "=!<>"), sign = strspn(word + name, "=!<>");
	size_t relation = 0;
	uint64_t number;

	*condition = (struct condition){ .reg = find_register(word, name) };
	if (condition->reg == NULL)
		return text("condition \"%s\": \"%.*s\" is no 64-bit register (rdi) and no "
			    "argument (arg1 to arg6)",
			word, (int)name, word);
	while (relation < COUNT(relations) &&
		(strlen(relations[relation]) != sign ||
			strncmp(word + name, relations[relation], sign) != 0))
		relation++;
	if (relation == COUNT(relations))
		return text("condition \"%s\": after \"%.*s\" comes one of == != < <= > >=", word,
			(int)name, word);
	if (!text_number(word + name + sign, true, &number))
		return text("condition \"%s\": \"%s\" is not a number of 64 bits", word,
			word + name + sign);
	condition->relation = relation;
	condition->number = (int64_t)number;
	return NULL;
}

bool condition_is_true(const struct condition *condition, const struct user_regs_struct *regs)
{
	if (condition->reg == NULL)
		return true;

	int64_t value = (int64_t)reg_value(regs, condition->reg), number = condition->number;

	switch (condition->relation) {
	case EQUAL:
		return value == number;
	case NOT_EQUAL:
		return value != number;
	case LESS:
		return value < number;
	case LESS_EQUAL:
		return value <= number;
	case GREATER:
		return value > number;
	case GREATER_EQUAL:
		return value >= number;
	}
	return false;
}
