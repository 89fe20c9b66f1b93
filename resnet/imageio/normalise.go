package imageio

// ChannelOrder is the order of the colours in a network's input.
type ChannelOrder string

// PyTorch's networks read RGB; those of Caffe and the Keras ResNets read BGR.
const (
	RGB ChannelOrder = "RGB"
	BGR ChannelOrder = "BGR"
)

const (
	badOrder = "imageio: the channel order must be RGB or BGR"
	badStd   = "imageio: the standard deviations must not be 0"
	badInput = "imageio: dst must have as many values as rgb, three a pixel"
)

// Normalise converts rgb, H×W×3 in the order RGB, to a network's input dst, H×W×3 in the given order. Channel c of the
// result is
//
//	(v·rescale − mean[c]) / std[c]
//
// so mean and std are in the network's order too.
func Normalise(dst []float32, rgb []byte, order ChannelOrder, rescale float32, mean, std [3]float32) {
	if order != RGB && order != BGR {
		panic(badOrder)
	}
	if std[0] == 0 || std[1] == 0 || std[2] == 0 {
		panic(badStd)
	}
	if len(dst) != len(rgb) || len(rgb)%3 != 0 {
		panic(badInput)
	}
	// A byte has 256 values: this table takes 768 divisions instead of 150,528.
	var table [3][256]float32
	for c := range table {
		for v := range table[c] {
			table[c][v] = normalised(float32(v), rescale, mean[c], std[c])
		}
	}
	r, b := 0, 2 // positions of red and blue
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

// normalised is one value of Normalise.
func normalised(v, rescale, mean, std float32) float32 {
	// The conversion prevents a fused multiply-add, so that the result is the same on every machine.
	return (float32(v*rescale) - mean) / std
}
