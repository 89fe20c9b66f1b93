package kernel

// WinogradWeights are the weights and bias of a 3×3 convolution with stride 1 and a border of 1, in the form of
// Winograd's minimal filtering F(4×4, 3×3) (Lavin and Gray 2016): 36 matrices In×N, one for each element of the
// transformed tile.
type WinogradWeights struct {
	In, N  int
	bias   []float32
	points *Weights // 36 sets of panels, one after the other
}

// Height and width of a tile of the output and of the input it comes from.
const (
	winogradOut    = 4
	winogradIn     = 6
	winogradPoints = winogradIn * winogradIn
)

// PackWinograd transforms weights N×C×3×3, multiplied by scale: U = G·g·Gᵀ for each pair of channels.
func PackWinograd(w []float32, n, c int, scale, bias []float32) *WinogradWeights {
	if len(w) != n*c*9 {
		panic(badWeights)
	}
	if len(scale) != n || len(bias) != n {
		panic(badBias)
	}
	if n%4 != 0 || c%4 != 0 {
		panic(badWinograd)
	}
	width := panelWidth(n)
	p := &WinogradWeights{In: c, N: n, bias: append([]float32(nil), bias...), points: &Weights{N: n, Depth: c}}
	set := ceil(n, width) * width * (1 + c) // floats of one point's panels
	p.points.data = make([]float32, winogradPoints*set)
	// Channels are taken by eights, side by side in a panel, so that the points' panels are written run by run.
	for first := 0; first < n; first += lanes {
		count := min(lanes, n-first)
		panel := p.points.data[first/width*width*(1+c)+first%width:]
		for i := range c {
			var u [winogradPoints][lanes]float32
			for lane := range count {
				o := first + lane
				filterTransform(&u, lane, (*[9]float32)(w[(o*c+i)*9:]), scale[o])
			}
			for point := range u {
				copy(panel[point*set+(1+i)*width:], u[point][:count])
			}
		}
	}
	return p
}

// lanes is how many output channels PackWinograd takes at a time. They never cross a panel.
const lanes = 8

// filterTransform computes G·g·Gᵀ·scale into a lane of u, with
//
//	G = ⎡ 1/4    0    0 ⎤
//	    ⎢−1/6 −1/6 −1/6 ⎥
//	    ⎢−1/6  1/6 −1/6 ⎥
//	    ⎢1/24 1/12  1/6 ⎥
//	    ⎢1/24 −1/12 1/6 ⎥
//	    ⎣  0    0    1  ⎦
func filterTransform(u *[winogradPoints][lanes]float32, lane int, g *[9]float32, scale float32) {
	var half [winogradIn][3]float32 // G·g
	for x := range 3 {
		a, b, c := g[x]*scale, g[3+x]*scale, g[6+x]*scale
		half[0][x], half[1][x], half[2][x], half[3][x], half[4][x], half[5][x] = filterColumn(a, b, c)
	}
	for y := range winogradIn {
		r, h := y*winogradIn, &half[y]
		a, b, c, d, e, f := filterColumn(h[0], h[1], h[2])
		u[r][lane], u[r+1][lane], u[r+2][lane], u[r+3][lane], u[r+4][lane], u[r+5][lane] = a, b, c, d, e, f
	}
}

// filterColumn is G·(a, b, c).
func filterColumn(a, b, c float32) (u0, u1, u2, u3, u4, u5 float32) {
	s, t := (a+c)*(-1./6), b*(1./6)
	p, q := a*(1./24)+c*(1./6), b*(1./12)
	return a * (1. / 4), s - t, s + t, p + q, p - q, c
}

// ConvWinograd computes the 3×3 convolution with stride 1 and a border of 1 of src, h×w×In, into dst, h×w×N, with the
// epilogue of Conv, as Conv would but with a quarter of its products. dst must not overlap src or the residual.
//
// In float32 its error is some ten times that of direct summing: the transforms' constants up to 8 amplify rounding.
func ConvWinograd(dst, src []float32, h, w int, u *WinogradWeights, e Epilogue) {
	if len(src) < h*w*u.In {
		panic(badSrc)
	}
	if len(dst) < h*w*u.N {
		panic(badDst)
	}
	if e.Residual != nil && len(e.Residual) < h*w*u.N {
		panic(badResidual)
	}
	enter()
	defer leave()
	convWinograd(dst, src, h, w, u, e)
}

// convWinogradReference is ConvWinograd in plain loops: for each 4×4 of the output, with d the 6×6 of the input that it
// sees, Y = Aᵀ·[ Σ over channels U ⊙ (Bᵀ·d·B) ]·A.
func convWinogradReference(dst, src []float32, h, w int, u *WinogradWeights, e Epilogue) {
	set := len(u.points.data) / winogradPoints
	for ty := 0; ty < h; ty += winogradOut {
		for tx := 0; tx < w; tx += winogradOut {
			sums := make([][winogradPoints]float32, u.N)
			for c := range u.In {
				var d [winogradPoints]float32
				for i := range winogradPoints {
					if y, x := ty+i/winogradIn-1, tx+i%winogradIn-1; y >= 0 && y < h && x >= 0 && x < w {
						d[i] = src[(y*w+x)*u.In+c]
					}
				}
				v := product(&d, inputMatrix[:])
				for n := range sums {
					for i := range v {
						point := Weights{N: u.N, Depth: u.In, data: u.points.data[i*set:]}
						sums[n][i] += v[i] * point.at(c, n)
					}
				}
			}
			for n := range sums {
				y := product(&sums[n], outputMatrix[:])
				for i := range winogradOut * winogradOut {
					py, px := ty+i/winogradOut, tx+i%winogradOut
					if py < h && px < w {
						at := (py*w+px)*u.N + n
						dst[at] = e.apply(y[i]+u.bias[n], at)
					}
				}
			}
		}
	}
}

// inputMatrix is Bᵀ, outputMatrix Aᵀ.
var (
	inputMatrix = [...][winogradIn]float32{
		{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0},
		{0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1},
	}
	outputMatrix = [...][winogradIn]float32{
		{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1},
	}
)

// product is m·x·mᵀ of a 6×6 x, row by row.
func product(x *[winogradPoints]float32, m [][winogradIn]float32) []float32 {
	out := make([]float32, len(m)*len(m))
	for i := range m {
		for j := range m {
			for a := range winogradIn {
				for b := range winogradIn {
					out[i*len(m)+j] += m[i][a] * x[a*winogradIn+b] * m[j][b]
				}
			}
		}
	}
	return out
}
