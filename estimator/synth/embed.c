/*
 * Build-time program: recipe files into one C file of byte arrays. Usage: embed OUT.c FILE... ; the
 * first line of a file is "# NAME VERSION: SUMMARY", NAME that of the file without folder and
 * ending. See recipe.h for the reader's side.
 */
#include <stdio.h>
#include <string.h>

static void write_bytes(FILE *out, FILE *in)
{
    for (int c, n = 0; (c = fgetc(in)) != EOF; n++)
        fprintf(out, "%s%d,", n % 24 == 0 ? "\n" : "", c < 128 ? c : c - 256);
    fprintf(out, "\n0};\n");
}

static int write_recipe(FILE *out, const char *path, int index)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    char line[256], name[64], summary[160];
    unsigned version;
    FILE *in = fopen(path, "rb");
    if (!in) {
        perror(path);
        return -1;
    }
    int rc = -1;
    if (!fgets(line, sizeof line, in) ||
        sscanf(line, "# %63[a-z0-9-] %u: %159[^\"\\\n]", name, &version, summary) != 3 ||
        strncmp(base, name, strlen(name)) != 0 || base[strlen(name)] != '.') {
        fprintf(stderr, "%s:1: the first line must be: # NAME VERSION: SUMMARY\n", path);
    } else {
        rewind(in);
        fprintf(out, "static const char text_%d[] = {", index);
        write_bytes(out, in);
        fprintf(out,
                "static const struct mp_synth_recipe recipe_%d = {\"%s\", \"%s\", %u, text_%d};\n",
                index, name, summary, version, index);
        rc = ferror(in) ? -1 : 0;
    }
    fclose(in);
    return rc;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: embed OUT.c FILE...\n");
        return 2;
    }
    FILE *out = fopen(argv[1], "wb");
    if (!out) {
        perror(argv[1]);
        return 1;
    }
    fprintf(out, "#include \"estimator/synth/recipe.h\"\n");
    int rc = 0;
    for (int i = 2; i < argc && rc == 0; i++)
        rc = write_recipe(out, argv[i], i);
    fprintf(out, "const struct mp_synth_recipe *const mp_synth_recipes[] = {\n");
    for (int i = 2; i < argc; i++)
        fprintf(out, "    &recipe_%d,\n", i);
    fprintf(out, "};\nconst size_t mp_synth_recipes_count = %d;\n", argc - 2);
    if (ferror(out) || fclose(out) != 0)
        rc = -1;
    return rc == 0 ? 0 : 1;
}
