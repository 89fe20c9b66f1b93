package imageio

// ChannelOrder says in which order a network wants the colours of a pixel.
type ChannelOrder string

// The orders in use: RGB by PyTorch, BGR by Caffe and the Keras ResNets.
const (
	RGB ChannelOrder = "RGB"
	BGR ChannelOrder = "BGR"
)

const (
	badOrder = "imageio: the channel order must be RGB or BGR"
	badInput = "imageio: dst must have as many values as rgb, three a pixel"
)

// Normalise makes a network's input of bytes: rgb is H×W×3 in the order RGB, dst
// is H×W×3 in the given order. Channel c of the result is
//
//	(v·rescale − mean[c]) / std[c]
//
// so mean and std are in the order of the network, too.
func Normalise(dst []float32, rgb []byte, order ChannelOrder, rescale float32, mean, std [3]float32) {
	if order != RGB && order != BGR {
		panic(badOrder)
	}
	if len(dst) != len(rgb) || len(rgb)%3 != 0 {
		panic(badInput)
	}
	// A byte has 256 values: 768 divisions instead of 150,528.
	var table [3][256]float32
	for c := range table {
		for v := range table[c] {
			// The conversion forbids a fused multiply-add: the result is the
			// same on every machine.
			table[c][v] = (float32(float32(v)*rescale) - mean[c]) / std[c]
		}
	}
	r, b := 0, 2 // where red and blue go
	if order == BGR {
		r, b = 2, 0
	}
	for len(rgb) >= 3 && len(dst) >= 3 {
		dst[r] = table[r][rgb[0]]
		dst[1] = table[1][rgb[1]]
		dst[b] = table[b][rgb[2]]
		dst, rgb = dst[3:], rgb[3:]
	}
}
