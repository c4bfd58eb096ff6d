/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the files of ns/ only. */
#ifndef PICKET_NS_INTERNAL_H
#define PICKET_NS_INTERNAL_H

/* "user" for CLONE_NEWUSER, ... */
const char *ns_flag_name(int flag);

#endif
