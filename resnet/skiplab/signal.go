package skiplab

import "github.com/seed8935e608/residua/resnet/train"

// Signal runs a batch of pictures, each Height×Width×3, through a network and the gradient of its loss back, and tells
// how both fare layer by layer. The network is as before afterwards, but for its gradients.
func Signal(net *train.Net, x []float32, labels []int) ([]train.Layer, train.Score) {
	defer keep(net.Statistics())()
	watch := net.Watch
	net.Watch = true
	defer func() { net.Watch = watch }()
	score := net.Learn(x, labels, 0)
	return net.Layers(), score
}

// keep copies values, and returns what puts them back.
func keep(params []*train.Param) (restore func()) {
	values := make([][]float32, len(params))
	for i, p := range params {
		values[i] = append([]float32(nil), p.Value...)
	}
	return func() {
		for i, p := range params {
			copy(p.Value, values[i])
		}
	}
}
