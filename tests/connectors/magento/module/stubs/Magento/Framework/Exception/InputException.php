<?php

namespace Magento\Framework\Exception;

use Magento\Framework\Phrase;

class InputException extends AbstractAggregateException
{
    public function __construct(Phrase $phrase = null, \Exception $cause = null, $code = 0)
    {
        parent::__construct($phrase ?? new Phrase('One or more input exceptions have occurred.'), $cause, $code);
    }
}
