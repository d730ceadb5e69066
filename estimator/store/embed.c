/*
 * Build-time program: text files into one C file of byte arrays (a string literal may not be as
 * long as a schema). Usage: embed OUT.c FILE... ; an entry is named by its file without folder and
 * ending: queries/best.sql is "best". See embedded.h for the reader's side.
 */
#include <stdio.h>
#include <string.h>

static void write_bytes(FILE *out, FILE *in, int end)
{
    for (int c, n = 0; (c = fgetc(in)) != EOF && c != end; n++)
        fprintf(out, "%s%d,", n % 24 == 0 ? "\n" : "", c < 128 ? c : c - 256);
    fprintf(out, "\n0};\n");
}

/* Whole text, and its first line behind "-- " as summary. */
static int embed_file(FILE *out, const char *path, int index)
{
    FILE *in = fopen(path, "rb");
    if (!in) {
        perror(path);
        return -1;
    }
    fprintf(out, "static const char text_%d[] = {", index);
    write_bytes(out, in, EOF);
    rewind(in);
    char start[3];
    int comment = fread(start, 1, 3, in) == 3 && memcmp(start, "-- ", 3) == 0;
    if (!comment)
        fprintf(stderr, "%s:1: the first line must describe the file: -- TEXT\n", path);
    fprintf(out, "static const char summary_%d[] = {", index);
    write_bytes(out, in, '\n');
    int failed = ferror(in) || !comment;
    fclose(in);
    return failed ? -1 : 0;
}

static void write_name(FILE *out, const char *path)
{
    const char *base = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    fprintf(out, "%.*s", (int)strcspn(base, "."), base);
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
    fprintf(out, "#include \"estimator/store/embedded.h\"\n");
    int rc = 0;
    for (int i = 2; i < argc && rc == 0; i++)
        rc = embed_file(out, argv[i], i);
    fprintf(out, "const struct mp_embedded mp_store_embedded[] = {\n");
    for (int i = 2; i < argc; i++) {
        fprintf(out, "    {\"");
        write_name(out, argv[i]);
        fprintf(out, "\", summary_%d, text_%d},\n", i, i);
    }
    fprintf(out, "};\nconst size_t mp_store_embedded_count = %d;\n", argc - 2);
    if (ferror(out) || fclose(out) != 0)
        rc = -1;
    return rc == 0 ? 0 : 1;
}
