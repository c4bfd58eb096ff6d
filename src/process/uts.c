// SPDX-License-Identifier: GPL-2.0-or-later
/* Host name, domain name and sysctls of the container's own namespaces. */
#include "process/process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "process/internal.h"

int process_apply_uts(const struct spec *s, struct err *e)
{
	if (s->hostname && sethostname(s->hostname, strlen(s->hostname)) < 0)
		return err_set(e, errno, "set hostname '%s'", s->hostname);
	if (s->domainname && setdomainname(s->domainname, strlen(s->domainname)) < 0)
		return err_set(e, errno, "set domainname '%s'", s->domainname);
	return 0;
}

/*
 * The first separator decides: with '.', a '/' stands for a dot inside of a name
 * (net.ipv4.conf.eno2/100.x); with '/', the key is a path already.
 */
int sysctl_path(const char *key, char *buf, size_t len)
{
	bool dotted = key[strcspn(key, "./")] == '.';
	size_t n = strlen(key);

	if (n == 0 || n >= len || *key == '/' || *key == '.')
		return -EINVAL;
	for (size_t i = 0; i <= n; i++) {
		buf[i] = key[i];
		if (dotted && key[i] == '.')
			buf[i] = '/';
		else if (dotted && key[i] == '/')
			buf[i] = '.';
	}
	return 0;
}

int process_apply_sysctl(const struct spec *s, int procfs, struct err *e)
{
	auto_close int dir =
		s->sysctl.n ? proc_open(procfs, "sys", O_PATH | O_DIRECTORY) : -1;

	if (s->sysctl.n && dir < 0)
		return err_set(e, -dir, "open /proc/sys");
	for (size_t i = 0; i < s->sysctl.n; i++) {
		const struct spec_kv *kv = &s->sysctl.v[i];
		char path[256];
		int r = sysctl_path(kv->key, path, sizeof(path));

		if (r == 0)
			r = proc_write(dir, path, kv->value);
		if (r < 0)
			return err_set(e, -r, "set sysctl '%s' to '%s'", kv->key,
				       kv->value);
	}
	return 0;
}
