package kernel

// GroupedWeights are the weights and bias of a grouped convolution: its input and output channels are cut into groups,
// and the output channels of a group see the input channels of the same group only.
type GroupedWeights struct {
	N      int // output channels of all groups
	Depth  int // products a value of the output: filter height × filter width × input channels of a group
	Groups int

	algorithm Algorithm // Paired, Grouped or GroupByGroup
	sets      []Weights // of a group, or of a pair, as if it were one; one after the other in one slice
}

// PackGroups lays out the weights w, which are N×(C/groups)×KH×KW as PyTorch has them, as Pack does. c is the input
// channels of all groups.
func PackGroups(w []float32, n, c, kh, kw, groups int, scale, bias []float32) *GroupedWeights {
	if groups < 1 || n%groups != 0 || c%groups != 0 {
		panic(badGroups)
	}
	k := c / groups
	if len(w) != n*k*kh*kw {
		panic(badWeights)
	}
	if len(scale) != n || len(bias) != n {
		panic(badBias)
	}
	p := &GroupedWeights{N: n, Depth: kh * kw * k, Groups: groups, algorithm: GroupByGroup}
	if groups > 1 {
		p.algorithm = algorithm(Convolution{In: c, Out: n, FilterH: kh, FilterW: kw, Groups: groups}, here())
	}
	each := n / groups // output channels of a set
	if p.algorithm == Paired {
		each *= 2
	}
	width := panelWidth(each)
	length := ceil(each, width) * width * (1 + p.Depth)
	data := make([]float32, n/each*length)
	for first := 0; first < n; first += each {
		set := Weights{N: each, Depth: p.Depth, data: data[first/each*length:][:length]}
		set.fill(w[first*p.Depth:][:each*p.Depth], k, scale[first:], bias[first:])
		p.sets = append(p.sets, set)
	}
	return p
}

// at is the weight of output channel n at position d of its group's depth; d = -1 is the bias.
func (p *GroupedWeights) at(d, n int) float32 {
	each := p.sets[0].N
	return p.sets[n/each].at(d, n%each)
}

// ConvGroups computes a grouped convolution as Conv does an ordinary one. The rows' offsets are those of a pixel's
// first channel. With k = w.Depth / rows.Taps and each = w.N / w.Groups:
//
//	for m := range rows.M {
//		for n := range w.N {
//			sum := bias[n]
//			for t := range rows.Taps {
//				for c := range k {
//					sum += src[rows.At(m, t)+n/each*k+c] * weight[t*k+c][n] // 0 for an offset that is Zeros
//				}
//			}
//			dst[m*ld+n] = relu(sum + residual[m*ld+n])
//		}
//	}
//
// dst must not overlap src or residual. Floats of dst between N and ld keep their value.
func ConvGroups(dst []float32, ld int, src []float32, rows *Rows, w *GroupedWeights, e Epilogue) {
	if rows.Taps == 0 || w.Depth%rows.Taps != 0 {
		panic(badRows)
	}
	if rows.M == 0 || w.N == 0 {
		return
	}
	e.mustFit(dst, ld, rows.M, w.N)
	if !rows.covers(len(src), w.Depth/rows.Taps*w.Groups) {
		panic(badSrc)
	}
	enter()
	defer leave()
	convGroups(dst, ld, src, rows, w, e)
}

// convGroupsReference is ConvGroups as its comment has it.
func convGroupsReference(dst []float32, ld int, src []float32, rows *Rows, w *GroupedWeights, e Epilogue) {
	k, each := w.Depth/rows.Taps, w.N/w.Groups
	for m := range rows.M {
		for n := range w.N {
			sum := w.at(-1, n)
			for t := range rows.Taps {
				at := rows.At(m, t)
				if at < 0 {
					continue
				}
				for c, x := range src[at+n/each*k:][:k] {
					sum += x * w.at(t*k+c, n)
				}
			}
			dst[m*ld+n] = e.apply(sum, m*ld+n)
		}
	}
}
