#include "estimator/techmap/move.h"
#include "estimator/techmap/move_structure.h"
#include "estimator/techmap/techmap_parts.h"

#include <stdlib.h>

/* Weights from trials on multipliers in nangate45: fine moves first, but never only those. */
const struct mp_move_kind mp_techmap_kinds[] = {
    {"drive", mp_move_drive, NULL, NULL, 1},
    {"match", mp_move_match_try, mp_move_structure_undo, NULL, 2},
    {"inverter", mp_move_inverter_try, mp_move_structure_undo, NULL, 1},
    {"pinning", mp_move_pinning_try, mp_move_structure_undo, NULL, 1},
    {"template", mp_move_template_try, mp_move_structure_undo, NULL, 2},
    {"operands", mp_move_operands_try, mp_move_structure_undo, NULL, 0.5},
    {"swap", mp_move_swap_try, mp_move_structure_undo, NULL, 2},
    {"prefix", mp_move_prefix_try, mp_move_structure_undo, NULL, 1},
    {"or", mp_move_or_try, mp_move_structure_undo, NULL, 0.3},
    {"fan-out", mp_move_fan_out_try, mp_move_structure_undo, NULL, 0.5},
    {"attach", mp_move_attach_try, mp_move_structure_undo, NULL, 0.3},
};
const size_t mp_techmap_kind_count = sizeof mp_techmap_kinds / sizeof *mp_techmap_kinds;

static void *copy_state(const void *structure)
{
    struct mp_state *s = mp_alloc(1, sizeof *s);

    mp_state_copy(s, structure);
    return s;
}

static void release_state(void *structure)
{
    if (structure != NULL)
        mp_state_release(structure);
    free(structure);
}

const struct mp_structure_kind mp_techmap_structure = {copy_state, release_state};
