#include "estimator/pipeline/pipeline.h"
#include "estimator/pipeline/point.h"
#include "estimator/pipeline/prove.h"
#include "estimator/util/file.h"
#include <stdio.h>

int mp_pipeline_generate(const struct mp_design *design, const struct mp_tools *tools,
                         struct mp_text *verilog, char *proof_text, size_t proof_size,
                         struct mp_error *err)
{
    struct mp_text text = {0};
    struct mp_tempdir temp = {0};
    struct mp_proof proof = {0};
    double tool_wall_s = 0;
    int rc = mp_design_generate(design, &text, err);

    if (rc < 0)
        goto out;
    if (tools != NULL) {
        if ((rc = mp_tempdir_create(&temp, err)) < 0 ||
            (rc = mp_point_prove_verilog(&proof, design, text.data, tools, temp.path, &tool_wall_s,
                                         err)) < 0)
            goto out;
        snprintf(proof_text, proof_size, "%s, %llu vectors", proof.method,
                 (unsigned long long)proof.vectors);
    }
    mp_text_add_bytes(verilog, text.data, text.size);
out:
    mp_tempdir_remove(&temp);
    mp_text_release(&text);
    return rc;
}
