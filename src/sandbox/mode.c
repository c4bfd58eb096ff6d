// SPDX-License-Identifier: GPL-2.0-or-later
/* The mode of the guard: words, and which of two sources wins.  Pure. */
#include "sandbox/sandbox.h"

#include "base/cleanup.h"
#include "base/str.h"

static const char *const names[] = {
	[SENTRY_OFF] = "off",
	[SENTRY_BALANCED] = "balanced",
	[SENTRY_STRICT] = "strict",
};

int sandbox_parse_mode(const char *word, enum sentry_mode *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_eq(word, names[i])) {
			*ret = (enum sentry_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

const char *sandbox_mode_name(enum sentry_mode mode)
{
	return names[mode];
}

int sandbox_effective_mode(const struct spec *s, enum sentry_mode configured,
			   enum sentry_mode *ret, struct err *e)
{
	const char *word = spec_annotation(s, "dev.picket.sentry");
	enum sentry_mode wanted = configured;

	if (word && sandbox_parse_mode(word, &wanted) < 0)
		return err_text(e, EINVAL,
				"config.json: .annotations[\"dev.picket.sentry\"]: "
				"expected strict, balanced or off, got '%s'",
				word);
	*ret = wanted > configured ? wanted : configured;
	return 0;
}
