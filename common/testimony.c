/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "testimony.h"

atomic_long *testimony_find(struct testimony *testimony, const char *name)
{
	for (unsigned i = 0; i < testimony->count; i++)
		if (strcmp(testimony->slot[i].name, name) == 0)
			return &testimony->slot[i].value;
	return NULL;
}

atomic_long *testimony_slot(struct testimony *testimony, const char *name)
{
	atomic_long *value = testimony_find(testimony, name);
	unsigned count = testimony->count;

	if (value != NULL)
		return value;
	if (count == TESTIMONY_SLOTS || strlen(name) >= TESTIMONY_NAME)
		return NULL;
	strcpy(testimony->slot[count].name, name);
	testimony->count = count + 1; /* seen only after the name is whole */
	return &testimony->slot[count].value;
}
