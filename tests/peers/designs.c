#include "tests/peers/designs.h"

#define PRODUCT(sign, a, b, p)                                                                     \
    "module m(input " sign " [" #a ":0] weight, input " sign " [" #b ":0] activation,\n"           \
    "         output " sign " [" #p ":0] product);\n"                                              \
    "assign product = weight * activation;\nendmodule\n"

/* e4m2z x int8: code 0 is 0, every other one has the hidden one; 26 bits in two's complement. */
#define FLOAT_HEAD                                                                                 \
    "module m(input [6:0] weight, input signed [7:0] activation,\n"                                \
    "         output signed [25:0] product);\n"                                                    \
    "wire [2:0] significand = {|weight[5:0], weight[1:0]};\n"                                      \
    "wire [3:0] exponent = weight[5:2];\n"

static int64_t extend(int64_t x, unsigned bits)
{
    int64_t top = INT64_C(1) << (bits - 1);
    x &= 2 * top - 1;
    return (x ^ top) - top;
}

static int64_t u8x8(int64_t w, int64_t a, int64_t addend)
{
    (void)addend;
    return (w & 255) * (a & 255);
}
static int64_t s8x8(int64_t w, int64_t a, int64_t addend)
{
    (void)addend;
    return extend(w, 8) * extend(a, 8);
}
static int64_t s11x8(int64_t w, int64_t a, int64_t addend)
{
    (void)addend;
    return extend(w, 11) * extend(a, 8);
}
static int64_t s16x16(int64_t w, int64_t a, int64_t addend)
{
    (void)addend;
    return extend(w, 16) * extend(a, 16);
}
static int64_t s8x8_32(int64_t w, int64_t a, int64_t addend)
{
    return extend(addend, 32) + extend(w, 8) * extend(a, 8);
}
static int64_t e4m2z(int64_t w, int64_t a, int64_t addend)
{
    (void)addend;
    int64_t magnitude = w & 63 ? (4 + (w & 3)) << (w >> 2 & 15) : 0;
    return extend(a, 8) * (w & 64 ? -magnitude : magnitude);
}

static const struct peer_design designs[] = {
    {"u8x8", "multiplier", "uint8", "uint8", 0, u8x8, {PRODUCT("", 7, 7, 15), NULL}},
    {"s8x8", "multiplier", "int8", "int8", 0, s8x8, {PRODUCT("signed", 7, 7, 15), NULL}},
    {"s8x11", "multiplier", "int11", "int8", 0, s11x8, {PRODUCT("signed", 10, 7, 18), NULL}},
    {"s16x16", "multiplier", "int16", "int16", 0, s16x16, {PRODUCT("signed", 15, 15, 31), NULL}},
    {"s8x8+32",
     "mac",
     "int8",
     "int8",
     32,
     s8x8_32,
     {"module m(input signed [7:0] weight, input signed [7:0] activation,\n"
      "         input signed [31:0] addend, output signed [31:0] accumulator);\n"
      "assign accumulator = addend + weight * activation;\nendmodule\n",
      NULL}},
    {"e4m2xint8",
     "multiplier",
     "e4m2z",
     "int8",
     0,
     e4m2z,
     {/* negate the significand, multiply, shift */
      FLOAT_HEAD "wire signed [3:0] s = weight[6] ? -{1'b0, significand} : {1'b0, significand};\n"
                 "wire signed [11:0] p = s * activation;\n"
                 "assign product = p <<< exponent;\nendmodule\n",
      /* negate the activation */
      FLOAT_HEAD "wire signed [8:0] a = weight[6] ? -activation : activation;\n"
                 "wire signed [11:0] p = a * $signed({1'b0, significand});\n"
                 "assign product = p <<< exponent;\nendmodule\n",
      /* negate the product last */
      FLOAT_HEAD "wire signed [10:0] p = activation * $signed({1'b0, significand});\n"
                 "wire signed [25:0] shifted = p <<< exponent;\n"
                 "assign product = weight[6] ? -shifted : shifted;\nendmodule\n"}},
};

size_t peer_design_count(void)
{
    return sizeof designs / sizeof *designs;
}

const struct peer_design *peer_design_at(size_t index)
{
    return index < peer_design_count() ? &designs[index] : 0;
}
