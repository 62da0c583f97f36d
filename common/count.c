/* SPDX-License-Identifier: MIT */
#include "count.h"

#include <string.h>

long count_differing(const void *left, const void *right, size_t length)
{
	const unsigned char *a = left, *b = right;
	long differ = 0;

	/* Equal, as long text mostly is: memcmp() knows sooner. */
	if (memcmp(left, right, length) == 0)
		return 0;
	for (size_t i = 0; i < length; i++)
		differ += a[i] != b[i];
	return differ;
}
