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
	height, width := r.model.Card.Shape()
	whole := r.model.Probabilities(r.Logits)[class]
	return Occlude(r.input, height, width, size, stride, func(x []float32) float64 {
		return whole - r.model.Probabilities(r.ablated(x).Logits)[class]
	}, progress)
}

// Occlude gives the map of what changes when a grey square hides a part of a picture: its cell has what drop says of
// the picture with the square there. x is a prepared picture, height×width×3; the rest is as for Record.Occlusion.
func Occlude(
	x []float32, height, width, size, stride int, drop func(x []float32) float64, progress Progress,
) (Map, error) {
	if side := max(height, width); size < 1 || size > side || stride < 1 || stride > side {
		return Map{}, fmt.Errorf("the square's size and stride must be 1 to %d pixels, not %d and %d",
			side, size, stride)
	}
	rows, columns := (height+stride-1)/stride, (width+stride-1)/stride
	out := Map{H: rows, W: columns, Values: make([]float32, rows*columns)}
	hidden := make([]float32, len(x))
	for i := range out.Values {
		copy(hidden, x)
		top, left := i/columns*stride+(stride-size)/2, i%columns*stride+(stride-size)/2
		from, to := max(0, left), min(width, left+size)
		for y := max(0, top); y < min(height, top+size); y++ {
			clear(hidden[3*(y*width+from) : 3*(y*width+to)]) // a prepared picture's mean is 0
		}
		out.Values[i] = float32(drop(hidden))
		if progress != nil && !progress(i+1, len(out.Values)) {
			return Map{}, ErrStopped
		}
	}
	return out, nil
}

// Ablated runs the network on another picture x, without the parts that Ablate has removed. The record stays as it is.
func (r *Record) Ablated(x []float32) (Result, error) {
	if err := r.begin(); err != nil {
		return Result{}, err
	}
	defer r.end()
	return r.ablated(x), nil
}

func (r *Record) ablated(x []float32) Result {
	p := r.model.pass()
	defer p.end()
	p.cut = r.cut
	return p.forward(x)
}
