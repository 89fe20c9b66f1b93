package resnet

import "fmt"

// Occlusion slides a grey square over the picture (Zeiler and Fergus 2014) and gives, for each position, by how much
// the probability of a class drops. size and stride are in pixels. The map's cells have the side stride and cover the
// picture; the square is centred on its cell and cut off at the border. Grey is the card's mean. Each cell costs a
// pass. progress may be nil.
func (r *Record) Occlusion(class, size, stride int, progress Progress) (Map, error) {
	if err := r.begin(); err != nil {
		return Map{}, err
	}
	defer r.end()
	if err := r.model.checkClass(class); err != nil {
		return Map{}, err
	}
	side := r.model.Card.InputSize
	if size < 1 || size > side || stride < 1 || stride > side {
		return Map{}, fmt.Errorf("the square's size and stride must be 1 to %d pixels, not %d and %d",
			side, size, stride)
	}
	n := (side + stride - 1) / stride
	out := Map{H: n, W: n, Values: make([]float32, n*n)}
	whole := r.model.Probabilities(r.Logits)[class]
	x := make([]float32, len(r.input))
	for i := range out.Values {
		copy(x, r.input)
		top, left := i/n*stride+(stride-size)/2, i%n*stride+(stride-size)/2
		from, to := max(0, left), min(side, left+size)
		for y := max(0, top); y < min(side, top+size); y++ {
			clear(x[3*(y*side+from) : 3*(y*side+to)]) // a prepared picture's mean is 0
		}
		out.Values[i] = float32(whole - r.model.Probabilities(r.ablated(x).Logits)[class])
		if progress != nil && !progress(i+1, len(out.Values)) {
			return Map{}, ErrStopped
		}
	}
	return out, nil
}

// ablated runs the network without the parts that Ablate has removed on another picture.
func (r *Record) ablated(x []float32) Result {
	p := r.model.pass()
	defer p.end()
	p.cut = r.cut
	return p.forward(x)
}
