package paint

import "github.com/seed8935e608/residua/wasm/proto"

func (s *blockScene) labels(to *labelList, _ transform) {
	if s.channels.len() == 0 {
		return
	}
	for k, name := range proto.ViewTensors {
		col := &s.columns[k]
		tone := Plain
		switch proto.Tensor(k) {
		case proto.TensorX:
			tone = ToneX
		case proto.TensorF:
			tone = ToneF
		}
		key, short := "view.head."+string(name), "view.head."+string(name)+".short"
		switch {
		case s.narrow:
			to.add(short, col.header, 13, Start, tone, nil)
			to.add(short, col.name, 12, Start, tone, nil)
		case col.header.w < 190:
			to.add(short, col.header, 13, Start, tone, nil)
		default:
			to.add(key, col.header, 13, Start, tone, nil)
		}
		if s.channels.hasScales && !col.colorBar.empty() {
			to.scale(col.colorBar, s.channels.scales[k])
		}
	}
	b := &s.trace.Blocks[s.channels.key.Block]
	if !s.plain() {
		to.add("view.side.ratio", s.facts[0], 12, Start, Quiet, values("ratio", number(ratioOf(b), Fixed)))
		to.add("view.side.cosine", s.facts[1], 12, Start, Quiet, values("cosine", number(float64(b.Cosine), Fixed)))
	}
	to.add("view.side.size", s.facts[2], 12, Start, Quiet, map[string]Value{
		"height": whole(b.Height), "width": whole(b.Width), "channels": whole(b.Channels)})
	if s.diagram.h > 0 {
		to.diagram(s.diagramLayout(), identity, b.Projection, s.ablation(s.channels.key.Block) != proto.AblateResidual)
	}
}

// diagram names F and the projection of a block's diagram, where it has them.
func (l *labelList) diagram(d blockDiagram, zoom transform, projection, residual bool) {
	if residual {
		f := zoom.rect(d.f)
		l.add("view.f", f, min(0.62*f.h, 14), Middle, ToneF, nil)
	}
	if projection {
		r := zoom.rect(d.project) // the text is at most 2.3 times as wide as its letters are high, in wide fonts
		l.add("view.project", r, min(0.8*r.h, 0.42*r.w, 12), Middle, ToneX, nil)
	}
}

// tips says which channel is enlarged, and the values of the four tensors at the place that is highlighted.
func (s *blockScene) tips(to *labelList, _ transform, hover target) {
	index := s.enlargedChannel(hover)
	if !s.channels.has(index) {
		return
	}
	values := map[string]Value{"channel": whole(s.channels.channels[index]), "y": whole(hover.y), "x": whole(hover.x)}
	if hover.part != proto.PartChannel || hover.y < 0 {
		to.add("view.channel", s.title, 13, Start, Strong, values)
		return
	}
	to.add("view.channel.at", s.title, 13, Start, Strong, values)
	for k := range s.columns {
		value := s.channels.value(proto.Tensor(k), index, hover.y, hover.x)
		to.add("view.value", s.columns[k].value, 12, Start, Plain, map[string]Value{"value": number(value, Short)})
	}
}
