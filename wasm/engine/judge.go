//go:build js

package main

import (
	"github.com/seed8935e608/residua/resnet/transfer"
	"github.com/seed8935e608/residua/wasm/proto"
)

// A witness is a classifier with what it sees of the pictures, N×D.
type witness struct {
	head     *transfer.Head
	features []float32
}

// judged makes a classifier's probabilities and its "none of these" mean something, and says how good it is. judging was not trained on the
// validation pictures, and answers for them: of its features only theirs have to be there. final, which may have been, is what is kept, and
// answers for all others.
func (l *lesson) judged(judging, final witness) (answer proto.Trained, taught *transfer.Taught, err error) {
	l.features = judging.features
	validation := l.side(transfer.Validation)
	l.features = final.features
	known := transfer.Join(l.side(transfer.Training), l.side(transfer.Validation))
	l.e.compute(func() {
		judging.head.Calibrate(validation)
		final.head.Temperature = judging.head.Temperature
		final.head.Threshold = transfer.LearnThreshold(known, keepPart)
		judging.head.Threshold = final.head.Threshold
		answers, probabilities := final.head.Answers(l.features), final.head.Probabilities(final.head.Logits(l.features))
		if judging.head != final.head {
			others, theirs := judging.head.Answers(validation.X), judging.head.Probabilities(judging.head.Logits(validation.X))
			for k, i := range l.of[int(transfer.Validation)] {
				answers[i] = others[k]
				copy(probabilities[i*len(l.Classes):][:len(l.Classes)], theirs[k*len(l.Classes):])
			}
		}
		answer = l.evaluated(answers, probabilities)
	})
	answer.Strength, answer.Temperature = final.head.Strength, final.head.Temperature
	return answer, &transfer.Taught{Model: l.e.model.Card.Model, Classes: l.Classes, Head: final.head, Mirrored: l.answering() > 1}, nil
}

// evaluated says how good the answers to all pictures are: classes or transfer.None, and probabilities.
func (l *lesson) evaluated(answers []int, probabilities []float64) proto.Trained {
	t := proto.Trained{Similarity: 1}
	classes := len(l.Classes)
	for i, class := range answers {
		p := probabilities[i*classes:][:classes]
		t.Answers = append(t.Answers, proto.Answer{Class: class, Best: likeliest(p), Probabilities: p})
	}
	t.Validation, t.Test = l.evaluation(t.Answers, transfer.Validation), l.evaluation(t.Answers, sideTest)
	return t
}

// likeliest is the class with the largest probability.
func likeliest(p []float64) int {
	best := 0
	for i, v := range p {
		if v > p[best] {
			best = i
		}
	}
	return best
}

// evaluation says how good the answers to the pictures of a side are; nil if there are none.
func (l *lesson) evaluation(answers []proto.Answer, side transfer.Side) *proto.Evaluation {
	of := l.of[int(side)]
	if len(of) == 0 {
		return nil
	}
	classes := len(l.Classes)
	var labels, best []int
	var probabilities []float64
	e := &proto.Evaluation{Recall: []proto.Rate{}, Precision: []proto.Rate{}, Confusion: [][]int{}, Bins: []proto.Bin{}}
	for _, i := range of {
		labels, best = append(labels, l.Labels[i]), append(best, answers[i].Best)
		probabilities = append(probabilities, answers[i].Probabilities...)
		if answers[i].Class == transfer.None {
			e.Outliers++
		}
	}
	// How often the likeliest class is right: "none of these" is counted beside it, and not against it.
	confusion := transfer.NewConfusion(labels, best, classes)
	e.Accuracy = rate(confusion.Accuracy())
	for class := range classes {
		e.Recall = append(e.Recall, rate(confusion.Recall(class)))
		e.Precision = append(e.Precision, rate(confusion.Precision(class)))
		row := make([]int, classes)
		for answer := range row {
			row[answer] = confusion.At(class, answer)
		}
		e.Confusion = append(e.Confusion, row)
	}
	c := transfer.NewCalibration(probabilities, labels, classes, reliabilityBins)
	e.ECE = c.ECE
	for _, b := range c.Bins {
		e.Bins = append(e.Bins, proto.Bin{N: b.N, Confidence: finite(b.Confidence), Accuracy: finite(b.Accuracy)})
	}
	return e
}

// reliabilityBins of the probabilities, from 0 to 1.
const reliabilityBins = 10

// finite is x, or 0 where there is nothing to take the mean of: JSON has no NaN.
func finite(x float64) float64 {
	if x-x != 0 {
		return 0
	}
	return x
}

func rate(r transfer.Rate) proto.Rate { return proto.Rate{K: r.K, N: r.N, Low: r.Low, High: r.High} }

func score(s transfer.Score) *proto.Score {
	if s.N == 0 {
		return nil
	}
	return &proto.Score{N: s.N, Accuracy: s.Accuracy(), Loss: s.Loss}
}

// temperature is the best for the validation pictures, of the logits of all.
func (l *lesson) temperature(logits []float32) float64 {
	var of []float32
	var labels []int
	for _, i := range l.of[int(transfer.Validation)] {
		of = append(of, logits[i*len(l.Classes):][:len(l.Classes)]...)
		labels = append(labels, l.Labels[i])
	}
	return transfer.FitTemperature(of, labels, len(l.Classes))
}
