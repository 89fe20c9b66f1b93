package kernel

// AffineReLU computes a folded norm and ReLU by themselves, for rows of len(scale) channels:
//
//	for i := range x {
//		c := i % len(scale)
//		y[i] = max(0, x[i]*scale[c]+bias[c])
//	}
//
// y may be x.
func AffineReLU(y, x, scale, bias []float32) {
	if len(bias) != len(scale) {
		panic(badBias)
	}
	if len(x) == 0 {
		return
	}
	if len(scale) == 0 || len(x)%len(scale) != 0 {
		panic(badSrc)
	}
	if len(y) < len(x) {
		panic(badDst)
	}
	enter()
	defer leave()
	affineReLU(y, x, scale, bias)
}

// affineReLUReference is AffineReLU as its comment has it.
func affineReLUReference(y, x, scale, bias []float32) {
	channels := len(scale)
	bias = bias[:channels]
	for at := 0; at < len(x); at += channels {
		from, to := x[at:][:channels], y[at:][:channels]
		for c, v := range from {
			v = v*scale[c] + bias[c]
			if v < 0 {
				v = 0
			}
			to[c] = v
		}
	}
}
