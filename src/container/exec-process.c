// SPDX-License-Identifier: GPL-2.0-or-later
/* The process object of exec: --process as it is, or config.json's with the flags on top. */
#include "container/exec-process.h"

#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/str.h"
#include "container/creation.h"

static size_t count(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

/* old + more, in memory of the spec; NULL-terminated. */
static int join_strings(struct spec *s, const struct spec_strings *old, char *const *more,
			struct spec_strings *ret)
{
	size_t n = count(more);
	const char **v = spec_alloc(s, (old->n + n + 1) * sizeof(*v));

	if (!v)
		return -ENOMEM;
	for (size_t i = 0; i < old->n; i++)
		v[i] = old->v[i];
	for (size_t i = 0; i < n; i++)
		v[old->n + i] = more[i];
	ret->n = old->n + n;
	ret->v = v;
	return 0;
}

/* "uid[:gid]", strictly: a lenient parser made user 0 of garbage (CVE-2026-30892). */
static int parse_user(const char *text, struct spec_process *p, struct err *e)
{
	const char *colon = strchr(text, ':');
	auto_free char *uid = colon ? strndup(text, (size_t)(colon - text)) :
				      strdup(text);
	uint32_t u, g = p->gid;

	if (!uid)
		return err_set(e, ENOMEM, "parse --user");
	if (str_parse_u32(uid, &u) < 0 || u == UINT32_MAX ||
	    (colon && (str_parse_u32(colon + 1, &g) < 0 || g == UINT32_MAX)))
		return err_text(e, EINVAL, "parse --user '%s': expected UID[:GID]", text);
	p->uid = u;
	p->gid = g;
	return 0;
}

static int add_groups(struct spec *s, const struct exec_args *a, struct spec_process *p)
{
	size_t n = p->additional_gids_n + a->gids_n;
	uint32_t *v;

	if (!a->gids_n)
		return 0;
	v = spec_alloc(s, n * sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (p->additional_gids_n)
		memcpy(v, p->additional_gids, p->additional_gids_n * sizeof(*v));
	memcpy(v + p->additional_gids_n, a->gids, a->gids_n * sizeof(*v));
	p->additional_gids = v;
	p->additional_gids_n = n;
	return 0;
}

static void add_caps(uint64_t caps, struct spec_caps *c)
{
	if (!caps)
		return;
	c->present = true;
	c->bounding |= caps;
	c->effective |= caps;
	c->permitted |= caps;
	/* Never inheritable (CVE-2022-29162); ambient only what is inheritable already. */
	c->ambient |= caps & c->inheritable;
}

static int from_flags(struct spec *s, const struct exec_args *a, struct err *e)
{
	const struct spec_strings nothing = { 0 };
	struct spec_process *p = &s->process;
	int r = 0;

	p->terminal = a->tty;
	if (join_strings(s, &nothing, a->argv, &p->args) < 0 ||
	    join_strings(s, &p->env, a->env, &p->env) < 0 || add_groups(s, a, p) < 0)
		return err_set(e, ENOMEM, "describe the process");
	if (a->cwd)
		p->cwd = a->cwd;
	if (a->user)
		r = parse_user(a->user, p, e);
	if (a->process_label)
		p->selinux_label = a->process_label;
	if (a->apparmor)
		p->apparmor_profile = a->apparmor;
	if (a->no_new_privs)
		p->no_new_privileges = true;
	add_caps(a->caps, &p->caps);
	return r;
}

static int keep_label(const char **label, const char *container, const char *what,
		      struct err *e)
{
	bool given = *label && **label, has = container && *container;

	if (!given)
		*label = container;
	else if (!has || !str_eq(*label, container))
		return err_text(e, ENOTSUP,
				"%s '%s': the container's sentry carries '%s', and no "
				"process of another label can be served",
				what, *label, has ? container : "none");
	return 0;
}

int exec_keep_labels(struct spec_process *p, const struct spec_process *container,
		     struct err *e)
{
	int r = keep_label(&p->apparmor_profile, container->apparmor_profile,
			   "apparmor profile", e);

	if (r == 0)
		r = keep_label(&p->selinux_label, container->selinux_label,
			       "selinux label", e);
	return r;
}

int exec_process(struct spec *s, const struct exec_args *a, struct err *e)
{
	auto_free char *text = NULL;
	size_t len;
	int r;

	if (!a->process_file) {
		r = from_flags(s, a, e);
	} else {
		r = fd_read_file(AT_FDCWD, a->process_file, CONFIG_MAX, &text, &len);
		if (r < 0)
			return err_set(e, -r, "read process file '%s'", a->process_file);
		r = spec_parse_process(s, a->process_file, text, len, e);
		if (r == 0 && a->tty)
			s->process.terminal = true;
	}
	return r < 0 ? r : spec_validate_process(&s->process, e);
}
