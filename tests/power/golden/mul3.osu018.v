/* 3 x 3 bit multiplier with registers, mapped to osu018 by Yosys 0.23: for comparison with OpenSTA. */

module mul3(clk, x, y, z);
  wire _00_;
  wire _01_;
  wire _02_;
  wire _03_;
  wire _04_;
  wire _05_;
  wire _06_;
  wire _07_;
  wire _08_;
  wire _09_;
  wire _10_;
  wire _11_;
  wire _12_;
  wire _13_;
  wire _14_;
  wire _15_;
  wire _16_;
  wire _17_;
  wire _18_;
  wire _19_;
  wire _20_;
  wire _21_;
  wire _22_;
  wire _23_;
  wire _24_;
  wire _25_;
  wire _26_;
  wire _27_;
  wire _28_;
  wire _29_;
  wire _30_;
  wire _31_;
  wire _32_;
  input clk;
  wire clk;
  input [2:0] x;
  wire [2:0] x;
  input [2:0] y;
  wire [2:0] y;
  output [5:0] z;
  wire [5:0] z;
  NAND2X1 _33_ (
    .A(_28_),
    .B(_30_),
    .Y(_06_)
  );
  NAND2X1 _34_ (
    .A(_28_),
    .B(_31_),
    .Y(_07_)
  );
  NAND2X1 _35_ (
    .A(_30_),
    .B(_27_),
    .Y(_08_)
  );
  INVX1 _36_ (
    .A(_08_),
    .Y(_00_)
  );
  NOR2X1 _37_ (
    .A(_07_),
    .B(_08_),
    .Y(_09_)
  );
  OR2X1 _38_ (
    .A(_07_),
    .B(_08_),
    .Y(_10_)
  );
  AOI22X1 _39_ (
    .A(_28_),
    .B(_30_),
    .C(_31_),
    .D(_27_),
    .Y(_11_)
  );
  NOR2X1 _40_ (
    .A(_09_),
    .B(_11_),
    .Y(_01_)
  );
  NAND2X1 _41_ (
    .A(_30_),
    .B(_29_),
    .Y(_12_)
  );
  AOI22X1 _42_ (
    .A(_28_),
    .B(_31_),
    .C(_29_),
    .D(_30_),
    .Y(_13_)
  );
  NAND2X1 _43_ (
    .A(_31_),
    .B(_29_),
    .Y(_14_)
  );
  XNOR2X1 _44_ (
    .A(_07_),
    .B(_12_),
    .Y(_15_)
  );
  NAND2X1 _45_ (
    .A(_27_),
    .B(_32_),
    .Y(_16_)
  );
  XNOR2X1 _46_ (
    .A(_15_),
    .B(_16_),
    .Y(_17_)
  );
  NOR2X1 _47_ (
    .A(_10_),
    .B(_17_),
    .Y(_18_)
  );
  OAI22X1 _48_ (
    .A(_06_),
    .B(_14_),
    .C(_16_),
    .D(_13_),
    .Y(_19_)
  );
  NAND2X1 _49_ (
    .A(_28_),
    .B(_32_),
    .Y(_20_)
  );
  NAND2X1 _50_ (
    .A(_29_),
    .B(_32_),
    .Y(_21_)
  );
  XOR2X1 _51_ (
    .A(_14_),
    .B(_20_),
    .Y(_22_)
  );
  XNOR2X1 _52_ (
    .A(_19_),
    .B(_22_),
    .Y(_23_)
  );
  NOR3X1 _53_ (
    .A(_10_),
    .B(_17_),
    .C(_23_),
    .Y(_24_)
  );
  XNOR2X1 _54_ (
    .A(_18_),
    .B(_23_),
    .Y(_04_)
  );
  AOI21X1 _55_ (
    .A(_19_),
    .B(_22_),
    .C(_24_),
    .Y(_25_)
  );
  AOI21X1 _56_ (
    .A(_28_),
    .B(_31_),
    .C(_21_),
    .Y(_26_)
  );
  XNOR2X1 _57_ (
    .A(_25_),
    .B(_26_),
    .Y(_05_)
  );
  XNOR2X1 _58_ (
    .A(_09_),
    .B(_17_),
    .Y(_03_)
  );
  AOI21X1 _59_ (
    .A(_07_),
    .B(_25_),
    .C(_21_),
    .Y(_02_)
  );
  DFFPOSX1 _60_ (
    .CLK(clk),
    .D(_04_),
    .Q(z[3])
  );
  DFFPOSX1 _61_ (
    .CLK(clk),
    .D(_05_),
    .Q(z[4])
  );
  DFFPOSX1 _62_ (
    .CLK(clk),
    .D(_02_),
    .Q(z[5])
  );
  DFFPOSX1 _63_ (
    .CLK(clk),
    .D(x[0]),
    .Q(_27_)
  );
  DFFPOSX1 _64_ (
    .CLK(clk),
    .D(x[1]),
    .Q(_28_)
  );
  DFFPOSX1 _65_ (
    .CLK(clk),
    .D(x[2]),
    .Q(_29_)
  );
  DFFPOSX1 _66_ (
    .CLK(clk),
    .D(y[0]),
    .Q(_30_)
  );
  DFFPOSX1 _67_ (
    .CLK(clk),
    .D(y[1]),
    .Q(_31_)
  );
  DFFPOSX1 _68_ (
    .CLK(clk),
    .D(y[2]),
    .Q(_32_)
  );
  DFFPOSX1 _69_ (
    .CLK(clk),
    .D(_00_),
    .Q(z[0])
  );
  DFFPOSX1 _70_ (
    .CLK(clk),
    .D(_01_),
    .Q(z[1])
  );
  DFFPOSX1 _71_ (
    .CLK(clk),
    .D(_03_),
    .Q(z[2])
  );
endmodule
