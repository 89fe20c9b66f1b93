package proto

// Each message's read follows its write, as in view_codec.go. web/static/zviewcodec.js writes the fields in the order
// of the structs, so these do too.

func (m *ViewLab) write(w *viewWriter) {
	w.u32(len(m.Networks))
	for _, n := range m.Networks {
		w.text(n.Name)
		w.u32(len(n.Layers))
		for _, l := range n.Layers {
			w.text(l)
		}
	}
}

func (m *ViewLab) read(r *viewReader) {
	m.Networks = make([]ViewLabNetwork, r.count(6))
	for i := range m.Networks {
		n := &m.Networks[i]
		n.Name = r.text()
		n.Layers = make([]string, r.count(2))
		for k := range n.Layers {
			n.Layers[k] = r.text()
		}
	}
}

func (m *ViewSignal) write(w *viewWriter) { w.layers(m.Networks) }
func (m *ViewSignal) read(r *viewReader)  { m.Networks = r.layers() }

func (m *ViewStep) write(w *viewWriter) {
	w.u32(m.Step)
	w.layers(m.Networks)
}

func (m *ViewStep) read(r *viewReader) {
	m.Step = r.u32()
	m.Networks = r.layers()
}

func (m *ViewLandscape) write(w *viewWriter) {
	w.u32(m.Network)
	w.u32(m.Side)
	w.f32(m.Span)
	w.floats(m.Losses)
}

func (m *ViewLandscape) read(r *viewReader) {
	m.Network = r.u32()
	m.Side = r.u32()
	m.Span = r.f32()
	m.Losses = r.floats()
}

func (m *ViewPaths) write(w *viewWriter) {
	w.u32(m.Network)
	w.u32(len(m.Lengths))
	for _, l := range m.Lengths {
		w.u32(int(l))
	}
	w.floats(m.Counts)
	w.floats(m.Gradients)
}

func (m *ViewPaths) read(r *viewReader) {
	m.Network = r.u32()
	m.Lengths = make([]uint32, r.count(4))
	for i := range m.Lengths {
		m.Lengths[i] = uint32(r.u32())
	}
	m.Counts = r.floats()
	m.Gradients = r.floats()
}

func (w *viewWriter) floats(list []float32) {
	w.u32(len(list))
	for _, v := range list {
		w.f32(v)
	}
}

func (r *viewReader) floats() []float32 {
	list := make([]float32, r.count(4))
	for i := range list {
		list[i] = r.f32()
	}
	return list
}

func (w *viewWriter) layers(networks []ViewLayers) {
	w.u32(len(networks))
	for _, n := range networks {
		w.floats(n.Activations)
		w.floats(n.OutputGradients)
		w.floats(n.WeightGradients)
	}
}

func (r *viewReader) layers() []ViewLayers {
	networks := make([]ViewLayers, r.count(12))
	for i := range networks {
		networks[i] = ViewLayers{r.floats(), r.floats(), r.floats()}
	}
	return networks
}
