/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Inside src/spec: the loaders of the specification's larger objects. */
#ifndef PICKET_SPEC_LOAD_H
#define PICKET_SPEC_LOAD_H

#include "base/json.h"

json_loader spec_load_process;		/* struct spec_process */
json_loader spec_load_resources;	/* struct spec_resources */
json_loader spec_load_seccomp;		/* struct spec_seccomp */
json_loader spec_load_linux;		/* struct spec */

json_loader spec_load_kvs;		/* struct spec_kvs: an object of strings */
json_loader spec_load_idmaps;		/* struct spec_idmaps */
json_loader spec_opt_u64;		/* struct spec_opt_u64 */
json_loader spec_opt_i64;		/* struct spec_opt_i64 */

/* A known field that picket cannot honour: always an error. */
json_loader spec_unsupported;

#endif
