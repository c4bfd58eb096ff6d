// SPDX-License-Identifier: GPL-2.0-or-later
/* The guard's mode and the kernel's release: words, and which of two sources wins.  Pure. */
#include "sandbox/sandbox.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

#define RELEASE_MAX 64
#define RELEASE_CHARACTERS                                                         \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._+~-"

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

/* As programs parse it: at least two numbers. */
static bool is_release(const char *s)
{
	size_t major = strspn(s, "0123456789");

	return major > 0 && s[major] == '.' && s[major + 1] >= '0' &&
	       s[major + 1] <= '9' && strlen(s) <= RELEASE_MAX &&
	       !s[strspn(s, RELEASE_CHARACTERS)];
}

int sandbox_effective_release(const struct spec *s, const char *configured,
			      const char **ret, struct err *e)
{
	const char *word = spec_annotation(s, "dev.picket.release");

	*ret = word ? word : configured ? configured : "";
	if (!**ret && !word)
		return 0;
	if (!is_release(*ret))
		return err_text(
			e, EINVAL, "%s: expected a release such as 6.1.0, got '%s'",
			word ? "config.json: .annotations[\"dev.picket.release\"]" :
			       "option release",
			*ret);
	return 0;
}
